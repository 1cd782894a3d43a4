"""What a browser makes of our pages."""

import re
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import cast
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.security import create_access_token, read_access_token
from tests.factories import Account

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VOID = {"meta", "link", "br", "img", "input", "hr"}

# For what depends on nothing that a database does.
on_one_database = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@dataclass
class Form:
    """A form as a browser would send it: its fields with what stands in them."""

    action: str
    method: str
    fields: dict[str, str]
    buttons: list[dict[str, str]]


class Page(HTMLParser):
    """What a browser makes of a page; every element is closed, in order."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.titles: list[str] = []
        self.forms: list[Form] = []
        self.status = answer.status_code
        self._open: list[str] = []
        self._texts: list[str] = []
        self._control = ""
        assert answer.text.startswith("<!doctype html>")
        self.feed(answer.text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} {attrs}"
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "h2":
            self.titles.append("")
        if tag == "form":
            method = attributes.get("method", "get").upper()
            self.forms.append(Form(attributes.get("action", ""), method, {}, []))
        elif self.forms and "form" in self._open:
            self._take_control(tag, attributes)

    def _take_control(self, tag: str, attributes: dict[str, str]) -> None:
        form, name = self.forms[-1], attributes.get("name", "")
        if tag == "button":
            form.buttons.append(attributes)
        elif tag == "input" and name:
            ticks = attributes.get("type") in ("checkbox", "radio")
            if attributes.get("type") != "file" and (not ticks or "checked" in attributes):
                form.fields[name] = attributes.get("value", "on" if ticks else "")
        elif tag in ("textarea", "select"):
            self._control = name
            if tag == "textarea":
                form.fields[name] = ""
        elif tag == "option" and ("selected" in attributes or self._control not in form.fields):
            form.fields[self._control] = attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        within = self._open[-1] if self._open else ""
        if within == "textarea":
            # A browser leaves out the line end that the element begins with.
            self.forms[-1].fields[self._control] += data.removeprefix("\n")
        if within != "script":
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

    def form(self, action: str) -> Form:
        """The form that is sent to this path."""
        found = [form for form in self.forms if form.action.partition("?")[0] == action]
        assert len(found) == 1, [form.action for form in self.forms]
        return found[0]


def enter(client: TestClient, account: Account) -> None:
    """Let the browser be one in which this account has signed in, quicker than by its form."""
    state = cast(FastAPI, client.app).state
    claims = read_access_token(account.token, state.secret)
    assert claims is not None
    session = claims._replace(session_id=account.email)
    token = create_access_token(session, state.secret, timedelta(minutes=30))
    client.cookies.set("session", token, domain="testserver.local")


def is_signed_in(client: TestClient) -> bool:
    """Whether the pages take the browser for one in which somebody has signed in."""
    return "/logout" in page(client, "/").links


def leave(client: TestClient) -> None:
    """Let the browser forget all of its cookies."""
    client.cookies.clear()


def send(client: TestClient, shown: Page, action: str, **fields: str) -> httpx2.Response:
    """Fill in the form of a page that goes to `action`, and send it; redirects are not followed."""
    form = shown.form(action)
    unknown = fields.keys() - form.fields.keys() - {each.get("name") for each in form.buttons}
    assert not unknown, f"the form has no {unknown}, but {sorted(form.fields)}"
    values = {**form.fields, **fields}
    if form.method == "GET":
        return client.get(form.action, params=values, headers=BROWSER, follow_redirects=False)
    return client.post(form.action, data=values, headers=BROWSER, follow_redirects=False)


def path_of(recipe: dict[str, object], name: str = "pancakes") -> str:
    return f"/recipes/{recipe['id']}-{name}"


def page(client: TestClient, path: str, status: int = 200) -> Page:
    answer = client.get(path, headers=BROWSER, follow_redirects=False)
    assert answer.status_code == status, answer.text[:500]
    return Page(answer)


ATTRIBUTES = re.compile(
    "lang|dir|charset|name|content|rel|href|type|class|id|role|datetime|start|scope|media|src|defer"
    "|property|title|hidden|for|value|action|method|enctype|rows|cols|min|max|step|required|selected"
    "|checked|placeholder|autocomplete|autocapitalize|autofocus|inputmode|minlength|maxlength"
    "|spellcheck|multiple|accept|list|open|colspan|formaction|target|aria-[a-z]+|data-[a-z-]+"
)
ELEMENTS = re.compile(
    "html|head|meta|title|link|body|header|footer|main|article|section|div|nav|a|p|h[1-4]|ul|ol|li"
    "|dl|dt|dd|time|span|b|i|em|strong|s|code|pre|blockquote|br|hr|table|caption|thead|tbody|tr|th|td"
    "|form|fieldset|legend|label|input|textarea|select|option|button|mark|ins|del|details|summary"
    "|output|script|svg|path|aside|small|bdi"
)


def assert_harmless(shown: Page) -> None:
    """Nothing is in the page but the elements and attributes of our templates."""
    for tag, attributes in shown.elements:
        assert ELEMENTS.fullmatch(tag), tag
        assert all(ATTRIBUTES.fullmatch(name) for name in attributes), attributes
        if link := attributes.get("href"):
            parts = urlsplit(link)
            assert parts.scheme in ("", "http", "https"), link
            own = not parts.netloc or parts.netloc == "testserver"
            assert own or (tag == "a" and parts.scheme), link
        if tag == "script":
            source = attributes.get("src", "")
            assert source.startswith("/static/") or attributes["type"] == "application/ld+json"
        for name in ("action", "formaction"):
            assert attributes.get(name, "/").startswith("/"), attributes
            assert not attributes.get(name, "/").startswith("//"), attributes
