"""A third model takes a table, schemas, a class of three lines and a router; the base stays as is.

First with a model of this file, then with the one of docs/add-a-model.md, as that page says it.
"""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import MISSING
from sqlalchemy import ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from starlette.requests import Request
from starlette.responses import Response

from app.api import v1
from app.api.deps import CurrentViewer, DbReader, DbTransactions
from app.api.links import link_next
from app.api.problems import responses
from app.api.route import Route
from app.core.config import ROOT, Settings
from app.core.policy import POLICY, Scope, Who, allow
from app.crud.base import CRUDBase, PageOfRows
from app.crud.paging.list_query import ListQuery
from app.db.base import Base, BigKey, Versioned
from app.db.reader import Row
from app.db.types import JsonDocument, Number
from app.main import create_app
from app.schemas.page import Page, PageQuery
from app.schemas.types import PathId, Quantity, RequestModel, ResponseModel, Text
from tests.databases import connected, table_names
from tests.factories import API, Account
from tests.guides import copy_repository, follow
from tests.problems import assert_invalid, assert_problem
from tests.processes import run

FEASTS = f"{API}/feasts"

# --- The model -----------------------------------------------------------------------------------


class Feast(Versioned, Base):
    __table_args__ = (UniqueConstraint("owner_id", "name"),)

    name: Mapped[str] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(String(100))
    price: Mapped[float | None] = mapped_column(Number)
    courses: Mapped[list[str]] = mapped_column(JsonDocument)
    owner_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))


assert isinstance(Feast.__table__, Table)
FEAST = Feast.__table__
# Other tests compare the metadata with the migrations, which know no feasts.
Base.metadata.remove(FEAST)

# --- The schemas ---------------------------------------------------------------------------------

Name = Annotated[str, Text(100, 1)]


class FeastCreate(RequestModel):
    name: Name
    note: Name | None = None
    price: Quantity | None = None
    courses: list[Name] = []


class FeastUpdate(RequestModel):
    name: Name | MISSING = MISSING
    note: Name | None | MISSING = MISSING
    price: Quantity | None | MISSING = MISSING
    courses: list[Name] | MISSING = MISSING


class FeastPublic(ResponseModel):
    id: int
    name: str
    note: str | None
    price: float | int | None
    courses: list[str]
    owner_id: int
    created_at: datetime
    updated_at: datetime
    version: int


class FeastInDB(FeastPublic):
    pass


# --- The door to the data ------------------------------------------------------------------------


class CRUDFeast(CRUDBase[Feast, FeastCreate, FeastUpdate]):
    sorts = {"created_at": Feast.created_at, "price": Feast.price}
    conflicts = {"uq_feast_owner_id_name": "You have a feast with this name already."}


feasts = CRUDFeast(Feast, FeastInDB)

# --- The router ----------------------------------------------------------------------------------

router = APIRouter(prefix=FEASTS, tags=["feasts"], route_class=Route, responses=responses(422, 503))


@router.get("", response_model=Page[FeastPublic])
@allow(Who.ANYONE, Scope.READ)
async def list_feasts(
    query: Annotated[PageQuery, Query()], db: DbReader, request: Request, response: Response
) -> PageOfRows:
    """The dearest first, those without a price last."""
    page = await feasts.page(db, ListQuery.of(query, view=FeastPublic, sort="-price"))
    link_next(request, response, page.next_cursor)
    return page


@router.get("/{feast_id}", response_model=FeastPublic, responses=responses(404))
@allow(Who.ANYONE, Scope.READ)
async def read_feast(feast_id: PathId, db: DbReader) -> Row:
    """One feast."""
    return await feasts.get_or_raise(db, feast_id, view=FeastPublic)


@router.post("", response_model=FeastPublic, status_code=201, responses=responses(409, 415))
@allow(Who.USER, Scope.WRITE)
async def create_feast(
    data: FeastCreate, viewer: CurrentViewer, transactions: DbTransactions
) -> Feast:
    """Make a feast."""
    return await transactions.run(feasts.create, data, owner_id=viewer.id)


@router.patch("/{feast_id}", response_model=FeastPublic, responses=responses(404, 409, 415))
@allow(Who.USER, Scope.WRITE)
async def update_feast(
    feast_id: PathId, changes: FeastUpdate, transactions: DbTransactions
) -> Feast:
    """Change a feast."""
    return await transactions.run(
        lambda session: feasts.update(session, feasts.load(session, feast_id), changes)
    )


@router.delete("/{feast_id}", status_code=204, responses=responses(404))
@allow(Who.USER, Scope.WRITE)
async def delete_feast(feast_id: PathId, transactions: DbTransactions) -> None:
    """Delete a feast."""
    await transactions.run(lambda session: feasts.remove(session, feasts.load(session, feast_id)))


# Other tests compare the policy with the routes of the application.
RULES = {name: POLICY.pop(name) for name in list(POLICY) if "feast" in name}


# --- The tests -----------------------------------------------------------------------------------


@pytest.fixture
def app(
    settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FastAPI]:
    """The application with the table and the router joined to it."""
    known = FEAST.to_metadata(Base.metadata)
    with connected(database_url) as connection:
        known.create(connection)
    monkeypatch.setattr(v1, "routers", (*v1.routers, router))
    for operation, rule in RULES.items():
        monkeypatch.setitem(POLICY, operation, rule)
    yield create_app(settings)
    Base.metadata.remove(known)


def create_feast_as(client: TestClient, user: Account, **members: object) -> dict[str, Any]:
    answer = client.post(FEASTS, json={"name": "Sunday", **members}, headers=user.headers)
    assert answer.status_code == 201, answer.text
    feast: dict[str, Any] = answer.json()
    return feast


def test_the_table_has_its_name_and_its_conventions(app: FastAPI, database_url: str) -> None:
    assert "feast" in table_names(database_url)
    assert {str(constraint.name) for constraint in FEAST.constraints} == {
        "pk_feast",
        "uq_feast_owner_id_name",
        "fk_feast_owner_id_user",
    }


def test_what_is_created_is_read_again(client: TestClient, user: Account) -> None:
    given = {"name": "Fête", "note": None, "price": 12.5, "courses": ["Crème brûlée", "砂糖"]}
    created = create_feast_as(client, user, **given)
    assert {name: created[name] for name in given} == given
    assert created["owner_id"] == user.id
    assert created["version"] == 1
    assert created["created_at"] == created["updated_at"]
    answer = client.get(f"{FEASTS}/{created['id']}")
    assert answer.json() == created
    again = client.get(
        f"{FEASTS}/{created['id']}", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_an_update_changes_what_it_names(client: TestClient, user: Account) -> None:
    created = create_feast_as(client, user, note="Slow", price=10, courses=["Soup"])
    path = f"{FEASTS}/{created['id']}"
    answer = client.patch(path, json={"note": None, "courses": ["Pie"]}, headers=user.headers)
    assert answer.status_code == 200
    changed = answer.json()
    assert changed == created | {
        "note": None,
        "courses": ["Pie"],
        "version": 2,
        "updated_at": changed["updated_at"],
    }
    assert changed["updated_at"] > created["updated_at"]
    assert client.get(path).json() == changed


def test_a_deleted_one_is_gone(client: TestClient, user: Account) -> None:
    path = f"{FEASTS}/{create_feast_as(client, user)['id']}"
    assert client.delete(path, headers=user.headers).status_code == 204
    assert_problem(client.get(path), 404)
    assert_problem(client.patch(path, json={}, headers=user.headers), 404)
    assert_problem(client.delete(path, headers=user.headers), 404)


def test_its_pages_visit_every_row_once_and_nulls_last(client: TestClient, user: Account) -> None:
    prices = [3, None, 1, 3, None, 2.5, 3]
    for number, price in enumerate(prices):
        create_feast_as(client, user, name=f"Feast {number}", price=price)
    seen, url = [], f"{FEASTS}?limit=2&count=true"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == len(prices)
        seen += [(feast["price"], feast["id"]) for feast in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url", "")
    assert [price for price, _ in seen] == [3, 3, 3, 2.5, 1, None, None]
    assert len({feast_id for _, feast_id in seen}) == len(prices)


def test_a_broken_constraint_is_a_conflict_in_its_own_words(
    client: TestClient, user: Account, other_user: Account
) -> None:
    create_feast_as(client, user)
    create_feast_as(client, other_user)
    monday = create_feast_as(client, user, name="Monday")
    sunday = {"name": "Sunday"}
    for answer in (
        client.post(FEASTS, json=sunday, headers=user.headers),
        client.patch(f"{FEASTS}/{monday['id']}", json=sunday, headers=user.headers),
    ):
        assert assert_problem(answer, 409)["detail"] == "You have a feast with this name already."
    assert client.get(f"{FEASTS}/{monday['id']}").json() == monday


def test_the_rules_of_the_input_hold(client: TestClient, user: Account) -> None:
    path = f"{FEASTS}/{create_feast_as(client, user)['id']}"
    headers = user.headers
    assert_invalid(client.post(FEASTS, json={}, headers=headers), "/name")
    assert_invalid(client.post(FEASTS, json={"name": "x", "no": 1}, headers=headers), "/no")
    assert_invalid(client.patch(path, json={"name": None}, headers=headers), "/name")
    assert_invalid(client.patch(path, json={"courses": [""]}, headers=headers), "/courses/0")
    assert_invalid(client.get(FEASTS, params={"no": "1"}), "no")
    assert_problem(client.post(FEASTS, json={"name": "x"}), 401)


def test_it_is_documented(client: TestClient) -> None:
    document = client.get(f"{API}/openapi.json").json()
    assert {*document["paths"][FEASTS], *document["paths"][FEASTS + "/{feast_id}"]} == {
        "get",
        "post",
        "patch",
        "delete",
    }
    assert "FeastPublic" in document["components"]["schemas"]


# --- The page of the documentation ---------------------------------------------------------------

PAGE = ROOT / "docs" / "add-a-model.md"

# All in one process, because each start takes seconds. The database is given by the environment.
COMMANDS = """
import sys

from alembic.config import main

main(["upgrade", "head"])
main(["revision", "--autogenerate", "-m", "Add menus"])
main(["upgrade", "head"])
main(["check"])

import sqlalchemy
from fastapi.testclient import TestClient

from app.core.config import Settings
from app.main import create_app

settings = Settings()
url = settings.database_url.replace("postgresql://", "postgresql+psycopg://")
with TestClient(create_app(settings)) as client:
    account = {"email": "cook@example.com", "password": "seven wooden spoons"}
    assert client.post("/api/v1/auth/signup", json=account).status_code == 201
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text('UPDATE "user" SET is_superuser = true'))
    form = {"username": account["email"], "password": account["password"]}
    token = client.post("/api/v1/auth/login", data=form).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"

    sunday = {"name": "Sunday", "description": "Something slow."}
    made = client.post("/api/v1/menus", json=sunday)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert client.get(path).json() == made.json()
    assert client.get("/api/v1/menus").json()["items"] == [made.json()]
    again = client.post("/api/v1/menus", json=sunday)
    assert (again.status_code, again.json()["detail"]) == (
        409, "There is a menu with this name already."
    )
    changed = client.patch(path, json={"description": None})
    assert (changed.json()["name"], changed.json()["description"]) == ("Sunday", None)
    assert client.patch(path, json={"name": None}).status_code == 422
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert "/api/v1/menus" in client.get("/api/v1/openapi.json").json()["paths"]

# Tests that list every operation and every table. The others of these files are about files that
# the page does not change. Once is enough, and SQLite is faster.
if settings.is_sqlite:
    import pytest

    files = ("api/test_openapi.py", "api/test_policy.py", "test_architecture.py")
    new = "menu or operation or schema or reference or sort or conflict or version"
    # This process has imported plugins of pytest already, whose assertions do not matter.
    imported = "ignore::pytest.PytestAssertRewriteWarning"
    options = ("-q", "--no-postgres", "-p", "no:cacheprovider", "-W", imported, "-k", new)
    sys.exit(pytest.main([*options, *(f"tests/{name}" for name in files)]))
"""


def test_the_page_of_the_documentation_works_as_it_stands(
    empty_settings: Settings, tmp_path: Path
) -> None:
    folder = copy_repository(tmp_path)
    if (folder / "app/models/menu.py").exists():  # It has been followed here.
        follow(PAGE.read_text(), folder, back=True)
        for revision in (folder / "alembic" / "versions").glob("*_add_menus.py"):
            revision.unlink()
    follow(PAGE.read_text(), folder)
    done = run(empty_settings, sys.executable, "-c", COMMANDS, root=folder)
    assert done.returncode == 0, done.stdout
    assert "No new upgrade operations detected." in done.stdout
    (revision,) = (folder / "alembic" / "versions").glob("*_add_menus.py")
    assert "op.create_table" in revision.read_text()
    if empty_settings.is_sqlite:
        assert " passed" in done.stdout
