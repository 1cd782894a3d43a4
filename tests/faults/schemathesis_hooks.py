"""How Schemathesis meets our API: it imports this (see schemathesis.toml) and asks as somebody.

`CONTRACT_TOKENS` names a file with access tokens, one a line, each of another account of the same
rank; without it, nobody is signed in.
"""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.schemas.types import MAX_ID

Case = schemathesis.Case[Any]

BEYOND_SCHEMAS = {
    "cursor": "It must come from the same list with the same filters.",
    "idempotency": "The key was sent before, with another request.",
    "trash": "Some filters do not go together.",
    "relevance": "One sort needs a query.",
    "fields": "The names of members, of the view that is asked for, separated by commas.",
    "facet": "The names of facets, separated by commas.",
    "servings": "The recipe must say how many it serves.",
    "etag": "A list of entity tags.",
    "one_of": "One of several members, which may also be null.",
    "password": "It is measured in bytes.",
    "common_password": "It is on a list.",
    "read_only": "It must equal what is stored.",
    "too_large": "The whole is measured in bytes.",
    "email": "Domains have rules of their own.",
    "url": "So have hosts.",
    "host": "Only a public page is fetched.",
}
"""What a valid request may be refused for, by the code of the fault: no JSON Schema tells it."""


_ANY_JSON = {"text", "number"}


# --- Who asks ------------------------------------------------------------------------------------


class Accounts:
    """Signs in as one account, until a request has ended its token; then as the next."""

    def __init__(self, tokens: Iterator[str]) -> None:
        self._tokens = tokens
        self.token = next(tokens)

    def get(self, case: Case, context: schemathesis.AuthContext) -> str:
        """The token that still counts."""
        return self.token

    def set(self, case: Case, token: str, context: schemathesis.AuthContext) -> None:
        """Send it."""
        case.headers["Authorization"] = f"Bearer {token}"

    def note(self, case: Case, response: schemathesis.Response) -> None:
        """Move on where the answer says that the token counts no more."""
        sent = response.request.headers.get("Authorization")
        challenge = ",".join(response.headers.get("www-authenticate", ()))
        if sent == f"Bearer {self.token}" and "invalid_token" in challenge:
            self.token = next(self._tokens)


if os.environ.get("CONTRACT_TOKENS"):
    accounts = Accounts(iter(Path(os.environ["CONTRACT_TOKENS"]).read_text().splitlines()))

    @schemathesis.auth(refresh_interval=None)
    class AsOneOfUs:
        """The accounts, as Schemathesis wants to be told of them: by a class."""

        get = staticmethod(accounts.get)
        set = staticmethod(accounts.set)

    @schemathesis.hook
    def after_call(
        context: schemathesis.HookContext, case: Case, response: schemathesis.Response
    ) -> None:
        """Know which token still counts."""
        accounts.note(case, response)


_addresses = itertools.count(1)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Ask from a new address each time, so that no limit hides what lies behind it.

    And let no import ask a foreign server: what is fetched lies at an address that is not public.
    """
    number = next(_addresses)
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    if case.path.endswith("/import") and isinstance(case.body, dict):
        url = case.body.get("url")
        if isinstance(url, str) and url.lower().startswith("http"):
            case.body["url"] = _at_home(url)


def _at_home(url: str) -> str:
    try:
        return urlsplit(url)._replace(netloc="127.0.0.1").geturl()
    except ValueError:
        return url  # Which nobody can ask.


# --- What is checked -----------------------------------------------------------------------------


@schemathesis.check
def valid_data_is_accepted(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """As positive_data_acceptance, but for refusals that no schema could have foretold."""
    if response.status_code != 422 or not all(map(_is_beyond, response.json()["errors"])):
        positive_data_acceptance(ctx, response, case)


def _is_beyond(fault: dict[str, str]) -> bool:
    # Schemathesis takes 2**63 + 191 for 2**63 - 1, which are the same as a float; and no schema
    # tells what texts and numbers are at any depth of any JSON.
    is_rounded = str(MAX_ID) in fault["detail"]
    is_in_extras = fault.get("pointer", "").endswith("/extras") and fault["code"] in _ANY_JSON
    return fault["code"] in BEYOND_SCHEMAS or is_rounded or is_in_extras


@schemathesis.deserializer("application/x-ndjson")
def read_ndjson(
    ctx: schemathesis.DeserializationContext, response: schemathesis.Response
) -> object:
    """The first line of an import's report, since each has the schema; an export is a file."""
    assert ctx.case is not None
    if ctx.case.path.endswith("/export"):
        return response.text
    line, _, _ = response.text.partition("\n")
    return json.loads(line)
