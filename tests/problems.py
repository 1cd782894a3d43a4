"""Assertions about problem documents (RFC 9457), for every request."""

import re
from typing import Any
from urllib.parse import unquote

import httpx2

MEDIA_TYPE = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id", "errors"}


def assert_problem(answer: httpx2.Response, *statuses: int) -> dict[str, Any]:
    """Return the problem document of `answer`. Fail if it is incomplete, or has another status."""
    sent = f"{answer.request.method} {str(answer.request.url)[:200]}"
    assert answer.status_code in statuses, f"{sent}: {answer.status_code} {answer.text[:2000]}"
    assert answer.headers["content-type"] == MEDIA_TYPE
    document: dict[str, Any] = answer.json()
    assert document.keys() == MEMBERS
    assert document["status"] == answer.status_code
    assert document["type"].startswith("/problems/")
    assert document["title"]
    assert document["detail"]
    # A URI reference (RFC 9457 section 3.1.5), so it has no space and no raw octet.
    assert not re.search(r"[^\x21-\x7e]|[\"<>\\^`{|}]", document["instance"])
    path = unquote(document["instance"], errors="replace")
    assert path.rstrip("/") == answer.request.url.path.rstrip("/")
    assert document["request_id"] == answer.headers["x-request-id"]
    for fault in document["errors"]:
        assert fault.keys() in ({"pointer", "detail", "code"}, {"parameter", "detail", "code"})
        assert fault["detail"]
        assert fault["code"]
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    if answer.status_code in (429, 503):
        assert int(answer.headers["retry-after"]) > 0
    return document


def assert_invalid(answer: httpx2.Response, *places: str) -> None:
    """Fail unless `answer` is a 422 that names `places`: pointers (with a slash) and parameters."""
    assert places_of(assert_problem(answer, 422)) == set(places)


def places_of(document: dict[str, Any]) -> set[str]:
    """Return the pointers and parameters that a problem document names."""
    return {fault.get("pointer", fault.get("parameter")) for fault in document["errors"]}
