"""`recipes user`: changes to accounts, as clients then see them."""

import os
import re
from importlib import import_module
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.config import Settings
from tests.databases import execute, rows, sqlite_path
from tests.factories import (
    API,
    PASSWORD,
    Account,
    create_api_token,
    create_recipe,
    create_user,
    sign_in,
)
from tests.ops.cli.commands import Recipes
from tests.postgres import free_port
from tests.processes import COMMAND_SECONDS, make_settings, started

ME, USERS = f"{API}/auth/me", f"{API}/users"
EMAIL = "cook@example.com"
OTHER_PASSWORD = "eight wooden spoons"
CHANGES = ["set-password", "disable", "enable", "promote", "demote"]


def stdin(password: str) -> bytes:
    return f"{password}\n".encode()


def status(client: TestClient, path: str, user: Account) -> int:
    return client.get(path, headers=user.headers).status_code


def login_status(client: TestClient, password: str = PASSWORD, email: str = EMAIL) -> int:
    answer = client.post(f"{API}/auth/login", data={"username": email, "password": password})
    return answer.status_code


# --- The installed command -----------------------------------------------------------------------


def test_the_password_is_the_first_line_of_standard_input(
    settings: Settings, client: TestClient, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_bytes(stdin(PASSWORD) + b"and another line")
    command = (
        "recipes",
        "user",
        "create",
        "Cook@example.com",
        "--superuser",
        "--first-name",
        "Zoë",
    )
    with password.open("rb") as file, started(settings, *command, stdin=file) as process:
        output = process.communicate(timeout=COMMAND_SECONDS)[0]
    assert (process.returncode, output) == (0, "Created the superuser Cook@example.com.\n")
    token = sign_in(client, EMAIL, PASSWORD)
    account = client.get(ME, headers={"Authorization": f"Bearer {token}"}).json()
    assert (account["email"], account["first_name"]) == ("Cook@example.com", "Zoë")
    assert (account["is_superuser"], account["is_active"]) == (True, True)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_terminal_asks_twice_for_the_password(settings: Settings, client: TestClient) -> None:
    keyboard, terminal = os.openpty()
    with started(settings, "recipes", "user", "create", EMAIL, stdin=terminal) as process:
        assert process.stdout
        seen = ""
        for typed in (PASSWORD, OTHER_PASSWORD, PASSWORD, PASSWORD):
            while not seen.endswith(("Password: ", "confirmation: ")):
                character = process.stdout.read(1)
                assert character, seen
                seen += character
            os.write(keyboard, stdin(typed))
            seen += "\n"
        seen += process.communicate(timeout=COMMAND_SECONDS)[0]
    os.set_blocking(keyboard, False)
    with os.fdopen(keyboard, "rb", buffering=0) as screen:
        echoed = screen.read() or b""
    os.close(terminal)
    assert process.returncode == 0, seen
    assert login_status(client) == 200
    assert len(re.findall("^(Password|Repeat)", seen, re.MULTILINE)) == 4
    assert "spoons" not in seen
    assert b"spoons" not in echoed


# --- Creating ------------------------------------------------------------------------------------


def test_each_fault_of_the_input_is_one_line(
    recipes: Recipes, database_url: str, subtests: pytest.Subtests
) -> None:
    long = "--first-name", "x" * 101
    cases: dict[str, tuple[list[str], bytes, list[str]]] = {
        "no e-mail address": (["cook"], stdin(PASSWORD), ["email"]),
        "a broken argument": (["\udcff@example.com"], stdin(PASSWORD), ["email"]),
        "short": ([EMAIL], stdin("short"), ["password"]),
        "long": ([EMAIL], stdin("x" * 1025), ["password"]),
        "common": ([EMAIL], stdin("Password"), ["password"]),
        "none": ([EMAIL], b"", ["password"]),
        "not UTF-8": ([EMAIL], b"\xff" * 10, ["The password is not UTF-8 text."]),
        "all of it": (["cook", *long], stdin("short"), ["email", "password", "first_name"]),
    }
    for name, (arguments, given, faults) in cases.items():
        with subtests.test(name):
            done = recipes("user", "create", *arguments, stdin=given)
            assert (done.status, done.out) == (1, "")
            lines = done.err.splitlines()
            assert len(lines) == len(faults)
            for line, fault in zip(lines, faults, strict=True):
                assert line.startswith(f"recipes: {fault}")
            assert "short" not in done.err
    assert rows(database_url, "user") == []


def test_a_taken_address_is_refused_in_any_spelling(recipes: Recipes, client: TestClient) -> None:
    create_user(client, EMAIL)
    done = recipes("user", "create", "COOK@Example.com", "--superuser", stdin=stdin(OTHER_PASSWORD))
    assert done == (1, "", "recipes: There is an account with this e-mail address already.\n")
    assert login_status(client) == 200


# --- Changing ------------------------------------------------------------------------------------


def test_a_new_password_revokes_every_token(recipes: Recipes, client: TestClient) -> None:
    user = create_user(client, EMAIL)
    api_token = client.post(
        f"{API}/auth/tokens", json={"name": "CLI", "scopes": ["read"]}, headers=user.headers
    ).json()["token"]
    mine = {"Authorization": f"Bearer {api_token}"}
    assert client.get(f"{API}/recipes/my-recipes", headers=mine).status_code == 200

    done = recipes("user", "set-password", "Cook@Example.com", stdin=stdin(OTHER_PASSWORD))
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{EMAIL} has a new password")
    assert OTHER_PASSWORD not in done.out
    assert status(client, ME, user) == 401
    assert client.get(f"{API}/recipes/my-recipes", headers=mine).status_code == 401
    assert login_status(client) == 401
    assert login_status(client, OTHER_PASSWORD) == 200

    assert recipes("user", "set-password", EMAIL, stdin=stdin("password")).status == 1
    assert login_status(client, OTHER_PASSWORD) == 200


def test_a_disabled_account_is_refused_until_it_is_enabled(
    recipes: Recipes, client: TestClient
) -> None:
    user = create_user(client, EMAIL)
    assert recipes("user", "disable", EMAIL).status == 0
    assert status(client, ME, user) == 401
    assert login_status(client) == 401
    assert recipes("user", "enable", EMAIL).status == 0
    assert login_status(client) == 200
    assert status(client, ME, user) == 401


def test_privileges_change_with_the_next_request(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    user = create_user(client, EMAIL)
    assert status(client, USERS, user) == 403
    assert recipes("user", "promote", EMAIL).out == f"{EMAIL} is a superuser.\n"
    assert status(client, USERS, user) == 200
    assert recipes("user", "demote", EMAIL).out == f"{EMAIL} is not a superuser.\n"
    assert status(client, USERS, user) == 403


def test_the_last_active_superuser_cannot_be_disabled(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    for command in ("disable", "demote"):
        done = recipes("user", command, superuser.email)
        assert done == (1, "", "recipes: The last superuser must stay.\n")
    assert status(client, USERS, superuser) == 200


# --- Refused -------------------------------------------------------------------------------------


def test_an_unknown_account_is_one_line(recipes: Recipes, subtests: pytest.Subtests) -> None:
    for command in CHANGES:
        for email in ("unknown@example.com", "unknown", "\udcff@example.com"):
            with subtests.test(command=command, email=ascii(email)):
                done = recipes("user", command, email, stdin=stdin(PASSWORD))
                assert done == (1, "", "recipes: There is no such user.\n")


def test_wrong_usage_has_status_2(recipes: Recipes, subtests: pytest.Subtests) -> None:
    for arguments in (
        ["nonsense"],
        ["user", "create"],
        ["user", "disable", EMAIL, EMAIL],
        ["user", "create", EMAIL, "--password", PASSWORD],
        ["user", "create", EMAIL, PASSWORD],
    ):
        with subtests.test(arguments=arguments):
            done = recipes(*arguments, stdin=stdin(PASSWORD))
            assert (done.status, done.out) == (2, "")


def test_invalid_settings_are_reported_as_by_the_server(recipes: Recipes) -> None:
    done = recipes("user", "enable", EMAIL, variables={"SIGNUP": "maybe", "JWT_SECRET": "short"})
    assert (done.status, done.out) == (1, "")
    first, second = done.err.splitlines()
    assert first.startswith("settings: JWT_SECRET")
    assert second.startswith("settings: SIGNUP")


def test_a_database_without_our_tables_is_one_line(empty_settings: Settings) -> None:
    execute(empty_settings.database_url, "SELECT 1")  # An SQLite file is created at its first use.
    done = Recipes(empty_settings)("user", "create", EMAIL, stdin=stdin(PASSWORD))
    assert (done.status, done.out) == (1, "")
    assert done.err == "recipes: The database has no tables yet.\n"


def test_a_database_of_another_version_is_one_line(recipes: Recipes, database_url: str) -> None:
    for revision, way_out in {"db407088c7b8": "run", "unknown": "install that, or restore"}.items():
        execute(database_url, "UPDATE alembic_version SET version_num = :to", to=revision)
        done = recipes("user", "create", EMAIL, stdin=stdin(PASSWORD))
        assert (done.status, done.out) == (1, "")
        line = rf"recipes: The database is at revision {revision}, .+: {way_out} .+\n"
        assert re.fullmatch(line, done.err)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_an_unreachable_server_is_one_line(recipes: Recipes, database_url: str) -> None:
    url = re.sub(r"//.*/", f"//cook:{PASSWORD}@127.0.0.1:{free_port()}/", database_url)
    away = make_settings(url, recipes.settings.data_dir)
    done = recipes("user", "create", EMAIL, stdin=stdin(PASSWORD), settings=away)
    assert (done.status, done.out) == (1, "")
    assert re.fullmatch(r"recipes: The database did not answer .+\n", done.err)
    assert PASSWORD not in done.err


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_missing_file_is_one_line_and_stays_missing(recipes: Recipes, database_url: str) -> None:
    sqlite_path(database_url).unlink()
    done = recipes("user", "create", EMAIL, stdin=stdin(PASSWORD))
    assert (done.status, done.out) == (1, "")
    assert re.fullmatch(r"recipes: There is no database .+\n", done.err)
    assert not sqlite_path(database_url).exists()


@pytest.mark.parametrize("password", ["cook@example.com", "Passw0rd!", " " * 8], ids=str)
def test_a_common_password_is_refused(recipes: Recipes, password: str) -> None:
    done = recipes("user", "create", EMAIL, stdin=stdin(password))
    assert done.status == 1
    assert "password" in done.err
    assert recipes("user", "create", EMAIL, stdin=stdin(PASSWORD)).status == 0
    done = recipes("user", "set-password", EMAIL, stdin=stdin(password))
    assert done.status == 1
    assert "password" in done.err


# --- Looking and deleting ------------------------------------------------------------------------


def test_the_list_shows_the_state_of_each_account(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    ann = create_user(client, "ann@example.com", first_name="Ann", surname="Bee")
    assert recipes("user", "disable", ann.email).status == 0
    done = recipes("user", "list")
    assert (done.status, done.err) == (0, "")
    lines = [line.split("\t")[:4] for line in done.out.splitlines()]
    assert lines == [
        [str(superuser.id), superuser.email, "", "superuser"],
        [str(ann.id), "ann@example.com", "Ann Bee", "disabled"],
    ]


def test_show_counts_recipes_and_tokens(recipes: Recipes, client: TestClient) -> None:
    ann = create_user(client, "ann@example.com", first_name="Ann", surname="Bee")
    for visibility in ("public", "public", "private"):
        create_recipe(client, ann, visibility=visibility)
    create_api_token(client, ann, "read")
    done = recipes("user", "show", "ANN@example.com")
    assert (done.status, done.err) == (0, "")
    shown = dict(line.split(None, 1) for line in done.out.splitlines() if " tok" not in line)
    assert (shown["e-mail"], shown["name"], shown["state"]) == (ann.email, "Ann Bee", "user")
    assert shown["recipes"] == "2 public, 1 private recipes"
    assert re.search(r"^API tokens +1$", done.out, re.MULTILINE)


@pytest.mark.parametrize("with_recipes", [False, True])
def test_an_account_is_deleted_in_steps(
    recipes: Recipes,
    client: TestClient,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    with_recipes: bool,
) -> None:
    for name in ("DELETED_AT_ONCE", "DETACHED_PER_STEP"):
        monkeypatch.setattr(import_module("app.crud.user"), name, 2)
    ann = create_user(client, EMAIL)
    kinds = ["public", "unlisted", "private", "public", "private"]
    made = [create_recipe(client, ann, visibility=kind)["id"] for kind in kinds]
    option = ["--with-recipes"] if with_recipes else []
    done = recipes("user", "delete", EMAIL, *option)
    assert (done.status, done.err) == (0, "")
    kept = [] if with_recipes else [made[0], made[1], made[3]]
    assert f"{len(made) - len(kept)} recipes; {len(kept)} stay" in done.out
    left = execute(database_url, "SELECT id, submitter_id FROM recipe ORDER BY id")
    assert [tuple(row) for row in left] == [(each, None) for each in kept]
    assert rows(database_url, "user") == []
    assert status(client, ME, ann) == 401
    again = recipes("user", "show", EMAIL)
    assert (again.status, again.err) == (1, "recipes: There is no such user.\n")


def test_the_last_superuser_is_not_deleted(
    recipes: Recipes, client: TestClient, superuser: Account
) -> None:
    done = recipes("user", "delete", superuser.email, "--with-recipes")
    assert (done.status, done.err) == (1, "recipes: The last superuser must stay.\n")
    assert status(client, ME, superuser) == 200
