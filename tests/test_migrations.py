"""The schema comes from Alembic alone, however often it runs, and in parallel."""

import re
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy
from alembic.operations.batch import ApplyBatchImpl
from fastapi.testclient import TestClient

import app.models  # noqa: F401 (fills the metadata)
from app.core.config import ROOT, Settings
from app.core.security import hash_now
from app.core.text import fingerprint
from app.db import migrations
from app.db.base import Base
from app.db.transactions import make_transactions
from app.main import create_app
from app.ops.first_data import seed, superuser_account
from tests.databases import connected, execute, rows, table_names
from tests.factories import API, Account, create_recipe, create_user
from tests.migrations import Scratch, head, revision_in
from tests.processes import ALEMBIC, run, run_alembic

Rows = Sequence[sqlalchemy.Row[Any]]
TABLES = {*Base.metadata.tables, "recipe_search"}
"""All tables. The models do not describe recipe_search, which differs between the databases."""


def snapshot(database_url: str) -> tuple[set[str], str, Rows, Rows]:
    """Everything that a failed migration must leave as it was."""
    return (
        table_names(database_url),
        revision_in(database_url),
        rows(database_url, "user"),
        rows(database_url, "recipe"),
    )


@pytest.fixture
def seeded(settings: Settings) -> Settings:
    """A database with users and recipes in it."""
    account = superuser_account(settings)
    with closing(make_transactions(settings)) as transactions:
        transactions.run_now(seed, account, hash_now(account.password))
    assert execute(settings.database_url, "SELECT id FROM recipe WHERE submitter_id IS NOT NULL")
    return settings


def test_up_down_up(empty_settings: Settings) -> None:
    url = empty_settings.database_url
    for command, revision, tables in (
        ("upgrade head", [head()], TABLES),
        ("downgrade base", [], set()),
        ("upgrade head", [head()], TABLES),
    ):
        done = run_alembic(empty_settings, *command.split())
        assert done.returncode == 0, done.stdout
        found = {name for name in table_names(url) if not name.startswith("recipe_search_")}
        assert found - {"alembic_version"} == tables
        stamped = execute(url, "SELECT version_num FROM alembic_version")
        assert [row.version_num for row in stamped] == revision


def test_no_drift(settings: Settings) -> None:
    done = run(settings, *ALEMBIC, "check")
    assert done.returncode == 0, done.stdout
    assert "No new upgrade operations detected" in done.stdout


CRUMBS = [{"text": "2 slices of  Crème-bread!"}, {"text": "½ tsp butter"}]
BEFORE_CHANGES = "d8c4a8521247"
"""The revision before recipes numbered their changes."""


def add_before_changes(database_url: str, table: str, **given: object) -> int:
    """Write a row with what the table asked for at the time, and give its id."""
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    values: dict[str, object] = {"created_at": now, "updated_at": now, "version": 1}
    asked: dict[str, dict[str, object]] = {
        "user": {
            "email": "cook@example.com",
            "email_key": "cook@example.com",
            "hashed_password": "-",
            "is_active": True,
            "is_superuser": False,
            "token_version": 7,
        },
        "recipe": {"label": "Toast", "label_key": "toast"}
        | {"tags": [], "ingredients": CRUMBS, "steps": [], "extras": {}},
    }
    values |= asked[table] | given
    with connected(database_url) as connection:
        there = sqlalchemy.Table(table, sqlalchemy.MetaData(), autoload_with=connection)
        added = connection.execute(there.insert().values(values))
        assert added.inserted_primary_key is not None
        return int(added.inserted_primary_key[0])


def test_recipes_of_the_time_before_changes_were_numbered_survive(
    empty_settings: Settings, subtests: pytest.Subtests
) -> None:
    url = empty_settings.database_url
    before = run_alembic(empty_settings, "upgrade", BEFORE_CHANGES)
    assert before.returncode == 0, before.stdout
    submitter = add_before_changes(url, "user")
    visibilities = ["public", "unlisted", "private", "public", "public"]
    ids = [
        add_before_changes(
            url, "recipe", visibility=visibility, submitter_id=None if number else submitter
        )
        for number, visibility in enumerate(visibilities)
    ]
    # A deleted recipe leaves a gap in the ids, but none in the numbers.
    execute(url, "DELETE FROM recipe WHERE id = :id", id=ids[3])
    kept = rows(url, "recipe")

    done = run_alembic(empty_settings, "upgrade", "head")
    assert done.returncode == 0, done.stdout
    found = rows(url, "recipe")
    old_names, new_names = (set(each[0]._mapping) for each in (kept, found))
    numbering = {"changed_by", "change_number", "left_number", "left_version"}
    assert new_names - old_names == {*numbering, "fingerprint", "size"}
    with subtests.test("nothing else of them changed"):
        assert [{name: row._mapping[name] for name in old_names} for row in found] == [
            dict(row._mapping) for row in kept
        ]
    with subtests.test("their changes are numbered up to what the counter says"):
        numbers = [row.change_number for row in found]
        assert numbers == sorted(set(numbers))
        assert [counter.value for counter in rows(url, "recipe_counter")] == [max(numbers)]
    with subtests.test("they count for their submitter"):
        assert all(row.size > 1024 for row in found)
        used = [(row.user_id, row.used) for row in rows(url, "user_storage")]
        assert used == [(submitter, found[0].size)]
    with subtests.test("they are known by what they are made of"):
        expected = fingerprint("Toast", tuple(each["text"] for each in CRUMBS))
        assert {row.fingerprint for row in found} == {expected}
    with subtests.test("the unlisted one has the key of a link"):
        (link,) = rows(url, "share_link")
        assert (link.recipe_id, len(link.key)) == (ids[1], 22)
    with subtests.test("none of them has left the public lists"):
        assert {row.left_number for row in found} == {None}
        assert [row.changed_by for row in found] == [submitter, None, None, None]

    with TestClient(create_app(empty_settings)) as client, subtests.test("they are changed on"):
        answer = client.get(f"{API}/recipes/changes").json()
        assert [item["id"] for item in answer["items"]] == [ids[0], ids[4]]
        assert answer["next_since"] == max(numbers)
        new = create_recipe(client, create_user(client))
        since = {"since": answer["next_since"]}
        newer = client.get(f"{API}/recipes/changes", params=since).json()
        assert [item["id"] for item in newer["items"]] == [new["id"]]


BEFORE_STORAGE = "b7e4f0a93c15"
"""The revision before accounts knew what they store."""


def test_recipes_of_the_time_before_storage_was_counted_survive(
    empty_settings: Settings, subtests: pytest.Subtests
) -> None:
    url = empty_settings.database_url
    before = run_alembic(empty_settings, "upgrade", BEFORE_STORAGE)
    assert before.returncode == 0, before.stdout
    submitter = add_before_changes(url, "user")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def add(number: int, visibility: str, was_public: bool, *names: str) -> int:
        tags = [{"kind": "keyword", "name": name} for name in names]
        return add_before_changes(
            url,
            "recipe",
            visibility=visibility,
            submitter_id=submitter,
            fingerprint="x",
            was_public=was_public,
            change_number=number,
            version=2,
            tags=tags,
        )

    private = add(1, "private", False, "sOuP", "sEcReT")
    left = add(2, "private", True)
    public = add(3, "public", True, "Soup")
    for key, written, count, public_count in (("soup", "sOuP", 2, 1), ("secret", "sEcReT", 1, 0)):
        execute(
            url,
            "INSERT INTO tag (kind, key, name, count, public_count)"
            " VALUES ('keyword', :key, :name, :count, :public_count)",
            key=key,
            name=written,
            count=count,
            public_count=public_count,
        )
    soup, secret = (row.id for row in rows(url, "tag"))
    for recipe_id, tag_id in ((private, soup), (private, secret), (public, soup)):
        execute(
            url,
            "INSERT INTO recipe_tag (recipe_id, tag_id, created_at) VALUES (:recipe, :tag, :at)",
            recipe=recipe_id,
            tag=tag_id,
            at=now.isoformat(timespec="microseconds"),
        )
    execute(
        url,
        "INSERT INTO recipe_version (recipe_id, version, at, label, visibility, snapshot)"
        " VALUES (:recipe, 1, :at, 'Toast', 'public', '{\"label\":\"Toast\"}')",
        recipe=public,
        at=now.isoformat(timespec="microseconds"),
    )
    execute(
        url,
        "INSERT INTO recipe_tombstone"
        " (recipe_id, version, submitter_id, was_public, change_number, removed_at)"
        " VALUES (99, 3, NULL, :yes, 4, :at), (98, 3, NULL, :no, 5, :at)",
        yes=True,
        no=False,
        at=now.isoformat(timespec="microseconds"),
    )
    execute(url, "UPDATE recipe_counter SET value = 5")

    done = run_alembic(empty_settings, "upgrade", "head")
    assert done.returncode == 0, done.stdout
    with subtests.test("what they store is counted"):
        (version,) = rows(url, "recipe_version")
        assert version.size == 1024 + len('{"label":"Toast"}')
        sizes = [row.size for row in rows(url, "recipe")]
        assert [row.used for row in rows(url, "user_storage")] == [sum(sizes) + version.size]
    with subtests.test("a tag is spelled as in a public recipe"):
        assert [row.name for row in rows(url, "tag")] == ["Soup", "secret"]
    with (
        subtests.test("what has left is known to have"),
        TestClient(create_app(empty_settings)) as client,
    ):
        items = client.get(f"{API}/recipes/changes").json()["items"]
        changes = [(item["id"], item["version"], item["deleted"]) for item in items]
        assert changes == [(left, 2, True), (public, 2, False), (99, 3, True)]
    with subtests.test("back and forth again"):
        for command in ("downgrade", BEFORE_STORAGE), ("upgrade", "head"):
            again = run_alembic(empty_settings, *command)
            assert again.returncode == 0, again.stdout


def promises(database_url: str, table: str) -> set[str | None]:
    """The names of a table's constraints, with the key's only if it never gives an id again."""
    with connected(database_url) as connection:
        inspector = sqlalchemy.inspect(connection)
        found = {each["name"] for each in inspector.get_foreign_keys(table)}
        found |= {each["name"] for each in inspector.get_unique_constraints(table)}
        found |= {each["name"] for each in inspector.get_check_constraints(table)}
        if connection.dialect.name != "sqlite":
            return found | {inspector.get_pk_constraint(table)["name"]}
        # AUTOINCREMENT stands where the name of the primary key would.
        created = sqlalchemy.text("SELECT sql FROM sqlite_master WHERE name = :table")
        sql = connection.execute(created, {"table": table}).scalar_one()
        # A table without rowids gives none by itself.
        if "AUTOINCREMENT" in sql or f"CONSTRAINT pk_{table} PRIMARY KEY" in sql:
            found.add(f"pk_{table}")
        return found


@pytest.mark.parametrize("table", Base.metadata.tables.values(), ids=str)
def test_every_constraint_has_the_name_that_the_models_give_it(
    database_url: str, table: sqlalchemy.Table
) -> None:
    assert promises(database_url, table.name) == {each.name for each in table.constraints}


MISTAKES = {
    "in SQL": "op.execute('INSERT INTO no_such_table VALUES (1)')",
    "in Python": "raise RuntimeError('half-way')",
    "foreign key": "op.execute('UPDATE recipe SET submitter_id = 999999')",
}


def test_a_migration_that_fails_half_way_leaves_nothing(
    seeded: Settings, scratch: Scratch, subtests: pytest.Subtests
) -> None:
    before = snapshot(seeded.database_url)
    change = [
        "op.create_table('half', sa.Column('id', sa.Integer, primary_key=True))",
        "op.execute('INSERT INTO half VALUES (1)')",
        "op.execute('DELETE FROM recipe_tag')",
        "op.execute('DELETE FROM recipe WHERE id = (SELECT max(id) FROM recipe)')",
        "with op.batch_alter_table('recipe') as batch:",
        "    batch.add_column(sa.Column('n', sa.Integer))",
    ]
    for name, mistake in MISTAKES.items():
        with subtests.test(name):
            scratch.add(*change, mistake)
            failed = run_alembic(seeded, "upgrade", "head", variables=scratch.variables)
            assert failed.returncode != 0
            assert snapshot(seeded.database_url) == before

    scratch.add(*change)
    repaired = run_alembic(seeded, "upgrade", "head", variables=scratch.variables)
    assert repaired.returncode == 0, repaired.stdout
    assert "half" in table_names(seeded.database_url)
    assert revision_in(seeded.database_url) == "scratch"


def test_rebuilding_a_parent_table_keeps_its_children(seeded: Settings, scratch: Scratch) -> None:
    tables, _, users, recipes = snapshot(seeded.database_url)
    # SQLite cannot change a column: Alembic drops the table and makes it again.
    scratch.add(
        "with op.batch_alter_table('user') as batch:",
        "    batch.alter_column('first_name', type_=sa.String(1000))",
    )
    done = run_alembic(seeded, "upgrade", "head", variables=scratch.variables)
    assert done.returncode == 0, done.stdout
    assert snapshot(seeded.database_url) == (tables, "scratch", users, recipes)


def test_rebuilding_a_table_keeps_its_promises(
    client: TestClient, user: Account, settings: Settings, scratch: Scratch
) -> None:
    before = promises(settings.database_url, "recipe")
    gone = create_recipe(client, user)["id"]
    execute(settings.database_url, "DELETE FROM recipe")
    scratch.add(
        "with op.batch_alter_table('recipe') as batch:",
        "    batch.alter_column('author', type_=sa.String(1000))",
    )
    done = run_alembic(settings, "upgrade", "head", variables=scratch.variables)
    assert done.returncode == 0, done.stdout
    assert promises(settings.database_url, "recipe") == before
    if settings.is_sqlite:
        # Of two that fit SQLite takes the one made last: the lists of everybody stay quick.
        made = "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'recipe'"
        names = [row.name for row in execute(settings.database_url, f"{made} ORDER BY rowid")]
        public = [name for name in names if name.endswith("_public")]
        assert len(public) > 4
        assert public == names[-len(public) :]
    assert create_recipe(client, user)["id"] > gone


def test_a_new_revision_is_ready_to_commit(settings: Settings, scratch: Scratch) -> None:
    ours = set(scratch.versions.glob("*.py"))
    message = ("revision", "--autogenerate", "-m", "Add a thing")
    done = run_alembic(settings, *message, variables=scratch.variables)
    assert done.returncode == 0, done.stdout
    (new,) = set(scratch.versions.glob("*.py")) - ours
    assert re.fullmatch(r"\d{4}_\d{2}_\d{2}_\w*add_a_thing\.py", new.name)
    ruff = ("ruff", "format", "--check", f"--config={ROOT / 'pyproject.toml'}", str(new))
    assert run(settings, *ruff).returncode == 0
    # It applies, and as nothing changed in the models, it changes nothing.
    tables, revision, *kept = snapshot(settings.database_url)
    assert run_alembic(settings, "upgrade", "head", variables=scratch.variables).returncode == 0
    new_tables, new_revision, *new_rows = snapshot(settings.database_url)
    assert (new_tables, new_rows) == (tables, kept)
    assert new_revision != revision


# --- What Alembic generates -----------------------------------------------------------------------


def alembic(settings: Settings, scratch: Scratch, *command: str) -> str:
    done = run_alembic(settings, *command, variables=scratch.variables)
    assert done.returncode == 0, done.stdout
    return done.stdout


def generate(settings: Settings, scratch: Scratch) -> tuple[str, str]:
    """Add what is missing in the models, and generate the revision that removes it again."""
    alembic(settings, scratch, "upgrade", "head")
    before = set(scratch.versions.glob("*.py"))
    said = alembic(settings, scratch, "revision", "--autogenerate", "-m", "Back to the models")
    (new,) = set(scratch.versions.glob("*.py")) - before
    return new.read_text(), said


def test_a_generated_downgrade_brings_back_what_was_removed(
    settings: Settings, scratch: Scratch
) -> None:
    url = settings.database_url
    scratch.add(
        "key = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')",
        "op.create_table('gone', sa.Column('id', key, primary_key=True),",
        "    sa.Column('at', sa.DateTime(timezone=True), nullable=False),",
        "    sa.Column('amount', sa.Float(53)),",
        "    sa.Column('parts', sa.JSON()), sa.Column('is_new', sa.Boolean()))",
        "with op.batch_alter_table('user') as batch:",
        "    batch.add_column(sa.Column('born_at', sa.DateTime(timezone=True)))",
    )
    generated, _ = generate(settings, scratch)
    assert not re.search(r"DATETIME|TIMESTAMP|sqlite\.|postgresql\.", generated), generated
    alembic(settings, scratch, "upgrade", "head")
    assert "gone" not in table_names(url)
    alembic(settings, scratch, "downgrade", "-1")
    add = "INSERT INTO gone (at) VALUES ('2026-01-01 00:00:00+00:00') RETURNING id"
    ((first,),) = execute(url, add)
    execute(url, "DELETE FROM gone")
    ((second,),) = execute(url, add)
    assert second > first
    with connected(url) as connection:
        columns = sqlalchemy.inspect(connection).get_columns("user")
    (born_at,) = (each["type"] for each in columns if each["name"] == "born_at")
    assert isinstance(born_at, sqlalchemy.DateTime)
    if not settings.is_sqlite:
        assert born_at.timezone
    alembic(settings, scratch, "upgrade", "head")


def test_a_changed_check_is_seen(settings: Settings, scratch: Scratch) -> None:
    scratch.add(
        "with op.batch_alter_table('recipe') as batch:",
        "    batch.create_check_constraint('odd', 'id > 0')",
        "    batch.drop_constraint('servings', type_='check')",
    )
    generated, _ = generate(settings, scratch)
    upgrade, downgrade = generated.split("def downgrade")
    for code, drops, creates in (
        (upgrade, "ck_recipe_odd", "ck_recipe_servings"),
        (downgrade, "ck_recipe_servings", "ck_recipe_odd"),
    ):
        assert re.search(rf"drop_constraint\([^)]*{drops}", code), code
        assert re.search(rf"create_check_constraint\([^)]*{creates}", code), code
    alembic(settings, scratch, "upgrade", "head")
    alembic(settings, scratch, "check")
    alembic(settings, scratch, "downgrade", "-1")


def test_a_rename_and_a_column_that_needs_values_are_warned_of(
    settings: Settings, scratch: Scratch
) -> None:
    scratch.add(
        "with op.batch_alter_table('recipe') as batch:",
        "    batch.alter_column('author', new_column_name='written_by')",
        "with op.batch_alter_table('user') as batch:",
        "    batch.drop_column('token_version')",
    )
    _, said = generate(settings, scratch)
    assert "recipe loses a column and gets another" in said
    assert "user.token_version is NOT NULL" in said


def test_the_newest_revision_is_that_of_a_merge(
    settings: Settings, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "ROOT", scratch.versions.parent.parent)
    for name in ("left", "right"):
        text = f"revision = '{name}'\ndown_revision = '{head()}'\n"
        functions = "def upgrade() -> None: ...\n\ndef downgrade() -> None: ...\n"
        (scratch.versions / f"{name}.py").write_text(text + functions)
    migrations.parents_by_revision.cache_clear()
    with pytest.raises(RuntimeError, match="'left', 'right'"):
        migrations.newest_revision()
    alembic(settings, scratch, "merge", "heads", "-m", "Join both")
    alembic(settings, scratch, "upgrade", "head")
    migrations.parents_by_revision.cache_clear()
    assert migrations.newest_revision() == revision_in(settings.database_url)
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").status_code == 200
    monkeypatch.undo()
    migrations.parents_by_revision.cache_clear()


def test_sql_is_written_whole_or_not_at_all(settings: Settings, scratch: Scratch) -> None:
    scratch.add("op.add_column('recipe', sa.Column('n', sa.Integer))")
    script = alembic(settings, scratch, "upgrade", f"{head()}:scratch", "--sql")
    assert "ALTER TABLE recipe ADD COLUMN n INTEGER;" in script
    assert script.rstrip().endswith("COMMIT;")
    # Some of our migrations read the rows that they change.
    refused = run_alembic(settings, "upgrade", "head", "--sql", variables=scratch.variables)
    assert refused.returncode != 0
    assert "cannot be written as SQL" in refused.stdout
    assert "CREATE TABLE" not in refused.stdout


def test_alembic_names_its_copies_as_our_environment_expects() -> None:
    """Else a table that is rebuilt would lose its sequence, and ids would come again."""
    prefix = ApplyBatchImpl._calc_temp_name("recipe").removesuffix("recipe")
    assert f'COPY_PREFIX = "{prefix}"' in (ROOT / "alembic" / "env.py").read_text()
    assert max(map(len, Base.metadata.tables)) + len(prefix) <= 50
