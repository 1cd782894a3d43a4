"""What a browser makes of our pages."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi.testclient import TestClient

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VOID = {"meta", "link", "br", "img", "input", "hr"}

# For what depends on nothing that a database does.
on_one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


class Page(HTMLParser):
    """What a browser makes of a page; every element is closed, in order."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.titles: list[str] = []
        self._open: list[str] = []
        self._texts: list[str] = []
        assert answer.text.startswith("<!doctype html>")
        self.feed(answer.text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} {attrs}"
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "h2":
            self.titles.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self._texts.append(data)
        if "h2" in self._open:
            self.titles[-1] += data

    @property
    def text(self) -> str:
        """All that is to be read, each white space as one space."""
        return " ".join(" ".join(self._texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of each element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def links(self) -> list[str]:
        return [link["href"] for link in self.all("a")]


def path_of(recipe: dict[str, object], name: str = "pancakes") -> str:
    return f"/recipes/{recipe['id']}-{name}"


def page(client: TestClient, path: str, status: int = 200) -> Page:
    answer = client.get(path, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == status, answer.text[:500]
    return Page(answer)


ATTRIBUTES = re.compile(
    "lang|dir|charset|name|content|rel|href|type|class|id|role|datetime|start|scope"
)
ELEMENTS = re.compile(
    "html|head|meta|title|link|body|header|footer|main|article|section|div|a|p|h[1-3]|ul|ol|li"
    "|dl|dt|dd|time|span|b|i|code|table|caption|tbody|tr|th|td"
)


def assert_harmless(shown: Page) -> None:
    """Nothing is in the page but the elements and attributes of our templates."""
    for tag, attributes in shown.elements:
        assert ELEMENTS.fullmatch(tag)
        assert all(ATTRIBUTES.fullmatch(name) for name in attributes), attributes
        if link := attributes.get("href"):
            parts = urlsplit(link)
            assert parts.scheme in (("", "http", "https") if tag == "a" else ("",)), link
            assert parts.scheme or not parts.netloc, link
