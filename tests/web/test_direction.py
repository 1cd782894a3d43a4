"""Right-to-left text changes the direction of nothing around it."""

from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from tests.factories import Account, create_recipe
from tests.web.browser import VOID, on_one_database

pytestmark = on_one_database

TURNING = "\u202efood"
TAGS = [{"kind": kind, "name": f"{TURNING} {kind}"} for kind in ("cuisine", "category", "keyword")]


class Texts(HTMLParser):
    """The texts of a page that turn, with the elements that they are in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[tuple[str, list[tuple[str, dict[str, str | None]]]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if "\u202e" in data:
            self.found.append((data, [*self._open]))


@pytest.mark.parametrize("path", ["/recipes/{}", "/recipes/{}/cook", "/", "/recipes"])
def test_text_that_turns_is_isolated(client: TestClient, user: Account, path: str) -> None:
    recipe = create_recipe(
        client,
        user,
        label=TURNING,
        **dict.fromkeys(("description", "source", "author", "yield_text", "notes"), TURNING),
        ingredients=[{"text": TURNING, "section": TURNING}],
        steps=[{"text": f"Do {TURNING}", "name": TURNING, "section": TURNING}],
        tags=TAGS,
        nutrition={"serving_size": TURNING, "calories": 1},
    )
    answer = client.get(path.format(recipe["id"]), headers=user.headers)
    assert answer.status_code == 200
    found = Texts(answer.text).found
    assert found
    for text, elements in found:
        names = [name for name, _ in elements]
        if names[-1] not in ("title", "textarea", "script"):
            assert "bdi" in names or any("dir" in given for _, given in elements), (text, names)
