"""The comparison of writers and database notices each way to lose or repeat a write."""

import pytest
from fastapi.testclient import TestClient

from tests.databases import execute
from tests.faults.stored import assert_kept
from tests.faults.writers import RecordingWriter, create_writers

WRITES = 60
DAMAGE = {
    "a recipe lost": "DELETE FROM recipe WHERE id = (SELECT max(id) FROM recipe)",
    "a change lost": "UPDATE recipe SET notes = 'as before' WHERE version > 1",
    "a change undone": "UPDATE recipe SET version = version - 1 WHERE version > 1",
    "a version lost": "DELETE FROM recipe_version WHERE version = 1",
    "a version changed": "UPDATE recipe_version SET version = version + 1000",
    "thrown away": "UPDATE recipe SET deleted_at = updated_at WHERE deleted_at IS NULL",
    "not in the search": "DELETE FROM recipe_search",
    "without its tags": "DELETE FROM recipe_tag",
    "a tag counted twice": "UPDATE tag SET count = count + 1 WHERE count > 0",
    "a removal forgotten": "DELETE FROM recipe_tombstone",
    "a key forgotten": "DELETE FROM idempotency_key",
    "a number given twice": "UPDATE recipe_counter SET value = value - 1",
}


@pytest.fixture
def writer(client: TestClient) -> RecordingWriter:
    (writer,) = create_writers(client, 1, 1)
    for _ in range(WRITES):
        writer.step(client)
    assert writer.recipes
    assert writer.removed
    return writer


def test_what_was_acknowledged_is_stored(writer: RecordingWriter, database_url: str) -> None:
    assert writer.acknowledged > WRITES / 2
    assert_kept(database_url, [writer])


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_what_is_lost_is_noticed(writer: RecordingWriter, database_url: str, damage: str) -> None:
    execute(database_url, damage)
    with pytest.raises(AssertionError):
        assert_kept(database_url, [writer])


def test_what_was_done_twice_is_noticed(
    client: TestClient, writer: RecordingWriter, database_url: str
) -> None:
    headers = writer.account.headers
    assert client.post("/api/v1/recipes", json={"label": "Twice"}, headers=headers).is_success
    with pytest.raises(AssertionError):
        assert_kept(database_url, [writer])
