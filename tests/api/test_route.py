"""What FastAPI's documentation promises works in our routes, shown by a router of this file."""

import threading
from collections.abc import AsyncIterator, Iterator
from itertools import count
from typing import Annotated, Any

import pytest
from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
)
from fastapi.security import SecurityScopes
from fastapi.testclient import TestClient
from pydantic import BaseModel, computed_field

from app.api import errors
from app.api.middleware import RequestMiddleware
from app.api.route import Route
from app.core import policy
from app.core.bounds import INLINE_BODY
from app.core.policy import Scope, Who, allow
from app.db.reader import Row
from tests.problems import assert_invalid, assert_problem

DONE: list[str] = []
COUNTER = count()
anyone = allow(Who.ANYONE, None)


class Square(BaseModel):
    side: int
    name: str | None = None

    @computed_field  # type: ignore[prop-decorator] # as Pydantic documents it
    @property
    def area(self) -> int:
        return self.side**2


def setting() -> str:
    return "real"


async def note_end() -> AsyncIterator[str]:
    DONE.append("begun")
    yield "asynchronous"
    DONE.append("ended")


def note_end_in_thread() -> Iterator[str]:
    yield threading.current_thread().name
    DONE.append("ended in a thread")


async def number() -> int:
    return next(COUNTER)


async def scopes(security_scopes: SecurityScopes) -> list[str]:
    return security_scopes.scopes


async def mark(response: Response) -> None:
    response.headers["X-Mark"] = "marked"


def square_row() -> Row:
    row = Row(side=2, name=None)
    row.model = Square
    return row


def make_router() -> APIRouter:
    """The routes, made within a test: their rules are no part of the application's policy."""
    router = APIRouter(prefix="/things", route_class=Route)

    @router.get("/setting")
    @anyone
    async def read_setting(value: Annotated[str, Depends(setting)]) -> dict[str, str]:
        return {"value": value}

    @router.post("/tasks", status_code=202)
    @anyone
    async def add_task(tasks: BackgroundTasks) -> dict[str, str]:
        tasks.add_task(DONE.append, "task")
        return {}

    @router.get("/yields")
    @anyone
    async def read_yields(
        first: Annotated[str, Depends(note_end)],
        second: Annotated[str, Depends(note_end_in_thread)],
    ) -> list[str]:
        return [first, second]

    @router.get("/cookies")
    @anyone
    async def read_cookie(taste: Annotated[str, Cookie()]) -> dict[str, str]:
        return {"taste": taste}

    @router.post("/files")
    @anyone
    async def add_files(
        file: UploadFile, data: Annotated[bytes, File()], name: Annotated[str, Form()]
    ) -> dict[str, Any]:
        return {"file": (await file.read()).decode(), "data": data.decode(), "name": name}

    @router.post("/forms")
    @anyone
    async def add_form(name: Annotated[str, Form(max_length=3)]) -> dict[str, str]:
        return {"name": name}

    @router.post("/few-fields", form_limits={"max_fields": 1})
    @anyone
    async def add_few_fields(a: Annotated[str, Form()]) -> dict[str, str]:
        return {"a": a}

    @router.get("/plain")
    @anyone
    def read_in_thread(size: int = 1) -> dict[str, Any]:
        return {"thread": threading.current_thread().name, "size": size}

    @router.post("/squares", status_code=201)
    @anyone
    async def add_square(square: Square, response: Response) -> Square:
        response.headers["Location"] = f"/squares/{square.side}"
        return square

    @router.get("/no-nulls", response_model=Square, response_model_exclude_none=True)
    @anyone
    async def read_without_nulls() -> dict[str, int]:
        return {"side": 2}

    @router.get("/sides", response_model=Square, response_model_include={"side"})
    @anyone
    async def read_side() -> Square:
        return Square(side=2)

    @router.get("/set", response_model=Square, response_model_exclude_unset=True)
    @anyone
    async def read_what_is_set() -> Square:
        return Square(side=2)

    @router.post("/small", max_body_size=10)
    @anyone
    async def add_small(square: Square) -> Square:
        return square

    @router.post("/embedded")
    @anyone
    async def add_embedded(square: Annotated[Square, Body(embed=True)]) -> Square:
        return square

    @router.post("/two-bodies")
    @anyone
    async def add_two(first: Square, second: Square) -> list[int]:
        return [first.side, second.side]

    @router.post("/any-body")
    @anyone
    async def add_any(numbers: list[int]) -> int:
        return sum(numbers)

    @router.get("/scopes")
    @anyone
    async def read_scopes(
        given: Annotated[list[str], Security(scopes, scopes=["read"])],
    ) -> list[str]:
        return given

    @router.get("/uncached")
    @anyone
    async def read_numbers(
        a: Annotated[int, Depends(number)],
        b: Annotated[int, Depends(number)],
        c: Annotated[int, Depends(number, use_cache=False)],
    ) -> list[bool]:
        return [a == b, b == c]

    @router.get("/marked", dependencies=[Depends(mark)])
    @anyone
    async def read_marked(answer: Response, ask: Request) -> list[str]:
        answer.headers["X-Path"] = ask.url.path
        return []

    @router.delete("/nothing", status_code=204, dependencies=[Depends(mark)])
    @anyone
    async def delete_nothing() -> None: ...

    @router.get("/query")
    @anyone
    async def read_query(
        alias: Annotated[int, Query(alias="as")] = 1, x_note: Annotated[str, Header()] = ""
    ) -> dict[str, Any]:
        return {"as": alias, "note": x_note}

    @router.get("/rows", response_model=Square)
    @anyone
    async def read_row() -> Row:
        return square_row()

    @router.get("/part-of-rows", response_model=Square, response_model_exclude_none=True)
    @anyone
    async def read_part_of_row() -> Row:
        return square_row()

    @router.get("/{thing_id}")
    @anyone
    async def read_thing(thing_id: int) -> dict[str, int]:
        return {"id": thing_id}

    return router


async def from_include(seen: Annotated[str, Query()] = "") -> None:
    DONE.append(f"include {seen}")


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setattr(policy, "POLICY", {})
    DONE.clear()
    app = FastAPI()
    errors.install(app)
    app.add_middleware(RequestMiddleware, hsts=False, is_traced=False)
    outer = APIRouter(prefix="/outer")
    outer.include_router(make_router(), tags=["inner"], dependencies=[Depends(from_include)])
    app.include_router(outer, prefix="/v1", tags=["outer"])
    return app


@pytest.fixture
def there(things: FastAPI) -> Iterator[TestClient]:
    with TestClient(things, base_url="http://testserver/v1/outer/things/") as client:
        yield client


# --- Routers and dependencies --------------------------------------------------------------------


def test_routers_are_nested(things: FastAPI, there: TestClient) -> None:
    assert there.get("plain", params={"size": 2, "seen": "so"}).json()["size"] == 2
    assert DONE == ["include so"]
    (operation,) = things.openapi()["paths"]["/v1/outer/things/plain"].values()
    assert operation["tags"] == ["outer", "inner"]
    assert operation["operationId"] == "read_in_thread"


def test_dependencies_are_overridden(things: FastAPI, there: TestClient) -> None:
    assert there.get("setting").json() == {"value": "real"}
    things.dependency_overrides[setting] = lambda: "of the test"
    assert there.get("setting").json() == {"value": "of the test"}


def test_dependencies_with_yield_end(there: TestClient) -> None:
    assert there.get("yields").json() == ["asynchronous", "AnyIO worker thread"]
    assert DONE == ["include ", "begun", "ended in a thread", "ended"]


def test_dependencies_are_cached_unless_they_say_otherwise(there: TestClient) -> None:
    assert there.get("uncached").json() == [True, False]


def test_security_scopes(there: TestClient) -> None:
    assert there.get("scopes").json() == ["read"]


def test_a_plain_function_runs_in_a_thread(there: TestClient) -> None:
    assert there.get("plain").json() == {"thread": "AnyIO worker thread", "size": 1}


def test_background_tasks_run(there: TestClient) -> None:
    assert there.post("tasks").status_code == 202
    assert DONE == ["include ", "task"]


def test_headers_are_set_anywhere(there: TestClient) -> None:
    answer = there.get("marked")
    assert (answer.headers["x-mark"], answer.headers["x-path"]) == ("marked", answer.url.path)
    assert there.delete("nothing").headers["x-mark"] == "marked"


# --- Input ---------------------------------------------------------------------------------------


def test_cookies(there: TestClient) -> None:
    assert there.get("cookies", headers={"Cookie": "taste=sweet"}).json() == {"taste": "sweet"}
    assert_invalid(there.get("cookies"), "taste")


def test_files(there: TestClient) -> None:
    files = {"file": b"one", "data": b"two"}
    answer = there.post("files", files=files, data={"name": "three"})
    assert answer.json() == {"file": "one", "data": "two", "name": "three"}
    assert_problem(there.post("files", data={"name": "three"}), 415)


def test_forms(there: TestClient) -> None:
    assert there.post("forms", data={"name": "abc"}).json() == {"name": "abc"}
    assert_invalid(there.post("forms", data={"name": "abcd"}), "/name")
    assert_problem(there.post("forms", json={"name": "abc"}), 415)
    assert_problem(there.post("forms", data={str(number): "" for number in range(300)}), 422)


def test_the_limits_of_a_form(there: TestClient) -> None:
    assert there.post("few-fields", data={"a": "1"}).status_code == 200
    assert_problem(there.post("few-fields", data={"a": "1", "b": "2"}), 422)


def test_the_bound_of_a_body(there: TestClient) -> None:
    assert there.post("small", json={"side": 1}).status_code == 200
    assert there.post("small", json={"side": 1, "name": "x"}).status_code == 413


@pytest.mark.parametrize("padding", [0, INLINE_BODY], ids=["small", "large"])
def test_bodies_of_all_shapes(there: TestClient, padding: int) -> None:
    square = {"side": 3, "name": " " * padding}
    assert there.post("squares", json=square).json() == {**square, "area": 9}
    assert there.post("embedded", json={"square": square}).json() == {**square, "area": 9}
    assert there.post("two-bodies", json={"first": square, "second": square}).json() == [3, 3]
    assert there.post("any-body", content=f"[1{' ' * padding}, 2]", headers=JSON).json() == 3
    assert_invalid(there.post("squares", json={"name": " " * padding}), "/side")
    assert_invalid(there.post("embedded", json={"square": {"name": " " * padding}}), "/square/side")


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("path", ["squares", "embedded", "two-bodies", "any-body"])
def test_every_body_is_read_strictly(there: TestClient, path: str) -> None:
    for body in (b"", b"[NaN]", b'"\\ud800"', b"[" * 900 + b"]" * 900, b"\xff"):
        assert_problem(there.post(path, content=body, headers=JSON), 400)
    assert_problem(there.post(path, content=b"{}", headers={"Content-Type": "text/plain"}), 415)


def test_unknown_parameters_are_refused_by_name(there: TestClient) -> None:
    assert there.get("query?as=2&seen=x").json() == {"as": 2, "note": ""}
    assert_invalid(there.get("query?alias=2"), "alias")


def test_a_literal_path_is_no_parameter(there: TestClient) -> None:
    assert there.get("7").json() == {"id": 7}
    answer = there.get("squares")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


# --- Output --------------------------------------------------------------------------------------


def test_options_of_the_response_model(there: TestClient) -> None:
    assert there.get("no-nulls").json() == {"side": 2, "area": 4}
    assert there.get("sides").json() == {"side": 2}
    assert there.get("set").json() == {"side": 2, "area": 4}


def test_rows_are_sent_as_they_are_unless_an_option_selects_members(there: TestClient) -> None:
    assert there.get("rows").json() == {"side": 2, "name": None}
    assert there.get("part-of-rows").json() == {"side": 2, "area": 4}


def test_status_and_headers(there: TestClient) -> None:
    answer = there.post("squares", json={"side": 3})
    assert (answer.status_code, answer.headers["location"]) == (201, "/squares/3")


def test_what_is_read_has_an_etag(there: TestClient) -> None:
    etag = there.get("no-nulls").headers["etag"]
    again = there.get("no-nulls", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)


# --- The rule ------------------------------------------------------------------------------------


def test_a_route_without_a_rule_is_refused() -> None:
    async def list_tags() -> None: ...

    with pytest.raises(LookupError, match=r"list_tags has no rule: put @allow"):
        APIRouter(route_class=Route).get("/tags")(list_tags)


def test_a_rule_fills_the_policy_and_is_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "POLICY", {})
    app = FastAPI()
    errors.install(app)
    app.add_middleware(RequestMiddleware, hsts=False, is_traced=False)
    app.router.route_class = Route

    @app.get("/secret")
    @allow(Who.USER, Scope.READ)
    async def read_secret() -> str:
        return "secret"

    assert policy.POLICY == {"read_secret": (Who.USER, Scope.READ)}
    assert_problem(TestClient(app).get("/secret"), 401)
