"""What Prometheus reads at /metrics, and who may."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.config import ROOT, Settings
from app.crud.rate_limit import FAILED_LOGINS
from app.main import VERSION, create_app
from app.ops.backup.operations import back_up
from tests.client import Client
from tests.documents import WHOLE
from tests.factories import API, Account, create_recipe
from tests.operations import openapi
from tests.postgres import free_port
from tests.problems import assert_problem
from tests.processes import make_settings
from tests.web.browser import on_one_database

TOKEN = "only Prometheus knows this"
REQUESTS = "http_server_request_duration_seconds_count"

LABELS = {"http_route", "http_request_method", "http_response_status_code"}

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def local(client: TestClient) -> Client:
    """A client on the machine of the server, which may read the metrics."""
    assert isinstance(client, Client)
    return named(client.at("127.0.0.1"))


def named(client: Client, host: str = "localhost:8001") -> Client:
    """The same client, which names the server so."""
    client.headers["Host"] = host
    return client


def read(client: TestClient) -> Samples:
    """The samples by their name and the values of their labels."""
    answer = client.get("/metrics", headers={"Host": "localhost"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests_since(before: Samples, client: TestClient) -> dict[str, float]:
    """How many requests there were, without those for the metrics: `GET /path 200` → count."""
    return {
        " ".join(key[1:]): count - before.get(key, 0)
        for key, count in read(client).items()
        if key[0] == REQUESTS and count != before.get(key, 0) and key[2] != "/metrics"
    }


# --- Who may read it -----------------------------------------------------------------------------


@on_one_database
def test_without_a_token_this_machine_alone_reads_it(
    client: TestClient, subtests: pytest.Subtests
) -> None:
    assert isinstance(client, Client)
    for address in ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"):
        with subtests.test(address):
            assert named(client.at(address)).get("/metrics").status_code == 200
    for address in ("10.0.0.1", "192.0.2.1", "::ffff:10.0.0.1", "2001:db8::1", "testclient", ""):
        with subtests.test(address):
            assert_problem(named(client.at(address)).get("/metrics"), 404)


HOSTS = {
    200: [
        *("localhost", "LOCALHOST:8001", "127.0.0.1", "127.0.0.1:8001", "127.1.2.3"),
        *("[::1]", "[::1]:8001", "[::ffff:127.0.0.1]:8001"),
    ],
    404: [
        *("attacker.example", "attacker.example:8001", "localhost.attacker.example", "10.0.0.1"),
        *("127.0.0.1.attacker.example:8001", "[2001:db8::1]", "localhost:8001:x", "[::1", "::1"),
        *("", "localhost,attacker.example", "attacker.example@localhost", "localhost/", "8.8.8.8"),
    ],
}


@on_one_database
@pytest.mark.parametrize(
    ("status", "host"), [(status, host) for status, hosts in HOSTS.items() for host in hosts]
)
def test_a_page_whose_name_leads_to_this_machine_does_not_read_it(
    local: Client, status: int, host: str
) -> None:
    assert local.get("/metrics", headers={"Host": host}).status_code == status


@on_one_database
def test_two_names_are_none(local: Client) -> None:
    headers = [("Host", "localhost"), ("Host", "attacker.example")]
    assert_problem(local.get("/metrics", headers=headers), 404)


@on_one_database
@pytest.mark.parametrize(
    "header",
    ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"],
)
def test_what_a_proxy_on_this_machine_passes_on_is_not_local(local: Client, header: str) -> None:
    assert_problem(local.get("/metrics", headers={header: "127.0.0.1"}), 404)


@pytest.fixture
def with_token(settings: Settings) -> Iterator[Client]:
    given = dict(settings) | {"metrics_token": TOKEN}
    with Client(create_app(Settings.model_validate(given))) as client:
        yield client


@on_one_database
def test_with_a_token_whoever_sends_it_reads_it(with_token: Client) -> None:
    for client in (with_token, with_token.at("127.0.0.1")):
        for headers in ({}, {"X-Forwarded-For": "192.0.2.1"}):
            right = {"Authorization": f"Bearer {TOKEN}"} | headers
            assert client.get("/metrics", headers=right).status_code == 200


@on_one_database
@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        TOKEN,
        "Bearer",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        f"Basic {TOKEN}",
        "Bearer é",
    ],
)
def test_with_a_token_nobody_else_reads_it(with_token: Client, given: str | None) -> None:
    headers = [] if given is None else [(b"Authorization", given.encode())]
    answer = with_token.at("127.0.0.1").get("/metrics", headers=headers)
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == 'Bearer realm="metrics"'


@on_one_database
def test_with_a_token_it_is_answered_under_any_name_and_not_kept(settings: Settings) -> None:
    given = dict(settings) | {"allowed_hosts": ("recipes.example.com",), "metrics_token": TOKEN}
    headers = {"Host": "172.17.0.2:8001", "Authorization": f"Bearer {TOKEN}"}
    with Client(create_app(Settings.model_validate(given))) as client:
        answer = client.at("127.0.0.1").get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@on_one_database
def test_it_is_not_a_part_of_the_api(client: TestClient) -> None:
    assert "/metrics" not in openapi(client)["paths"]


# --- What it tells -------------------------------------------------------------------------------


def test_requests_are_counted_by_the_path_of_their_route(
    client: TestClient, local: Client, user: Account
) -> None:
    recipe = create_recipe(client, user)
    path = f"{API}/recipes/{recipe['id']}"
    before = read(local)
    for each in (path, f"{path}/", f"{path}?servings=3x", f"{API}/recipes/999", "/"):
        client.get(each)
    client.head(path)
    client.head(f"{path}/")
    client.patch(path, json={"label": "Soup"}, headers=user.headers)
    client.get("/static/nothing.css")
    client.get("/livez")
    assert requests_since(before, local) == {
        "GET /api/v1/recipes/{recipe_id} 200": 2,
        "GET /api/v1/recipes/{recipe_id} 422": 1,
        "GET /api/v1/recipes/{recipe_id} 404": 1,
        "HEAD /api/v1/recipes/{recipe_id} 200": 2,
        "PATCH /api/v1/recipes/{recipe_id} 200": 1,
        "GET / 200": 1,
        "GET /static/{name} 404": 1,
        "GET /livez 200": 1,
    }


@on_one_database
def test_nobody_makes_up_labels(client: TestClient, local: Client) -> None:
    client.get("/nothing")
    client.request("BREW", "/nothing")
    client.request("BREW", "/livez")
    before = read(local)
    for number in range(50):
        client.get(f"/{number}/%0a%22{number}", headers={f"X-{number}": "y", "Host": f"h{number}"})
        client.get(f"/nothing?{number}", headers={"X-Request-ID": f"id-{number}"})
        client.request(f"BREW{number}", "/nothing")
        client.request(f"BREW{number}", "/livez")
    after = read(local)
    assert {key for key in after.keys() - before.keys() if "/metrics" not in key} == set()
    assert requests_since(before, local) == {
        "GET unmatched 404": 100,
        "_OTHER unmatched 404": 50,
        "_OTHER unmatched 405": 50,
    }


@on_one_database
def test_the_state_of_the_server_is_told(local: Client) -> None:
    found = read(local)
    assert found["recipes_ready",] == 1
    assert found["recipes_build_info", VERSION] == 1
    assert found["http_server_active_requests",] == 1  # This one.
    assert found["recipes_slow_statements_total",] >= 0


def test_the_storage_is_measured(
    client: TestClient, local: Client, user: Account, settings: Settings
) -> None:
    before = read(local)
    assert before["recipes_last_backup_timestamp_seconds",] == 0
    backups = settings.data_dir / "backups"
    backups.mkdir(parents=True)
    # Only a whole backup counts, and only under a name that `recipes backup` gives.
    whole = backups / "before-restore-20261122T031500Z.zip"
    back_up(settings, whole, lambda *_: None)
    (backups / "recipes-20261124T031500Z.zip").touch()
    assert read(local)["recipes_last_backup_timestamp_seconds",] == 0
    for day in (22, 23):
        made = backups / f"recipes-202611{day}T031500Z.zip"
        made.write_bytes(whole.read_bytes())
        os.utime(made, (day, day))
    for _ in range(20):
        create_recipe(client, user, **WHOLE)
    after = read(local)
    assert after["recipes_last_backup_timestamp_seconds",] == 23
    assert after["recipes_database_size_bytes",] > 2**16
    assert after["recipes_database_size_bytes",] >= before["recipes_database_size_bytes",]
    assert after["recipes_data_disk_free_bytes",] > 2**20


@on_one_database
def test_a_fault_of_ours_is_counted_from_zero(settings: Settings) -> None:
    app = create_app(settings)

    async def broken(request: Request) -> Response:
        raise RuntimeError("This is broken.")

    app.router.routes.insert(0, Route("/broken", broken))
    with Client(app) as client:
        before = read(client.at("127.0.0.1"))
        assert client.get("/broken").status_code == 500
        after = read(client.at("127.0.0.1"))
    assert after["recipes_faults_total",] - before["recipes_faults_total",] == 1


def test_a_database_that_is_away_is_told_and_counted(backend: str, tmp_path: Path) -> None:
    url = {
        "sqlite": f"sqlite:///{tmp_path}",
        "postgresql": f"postgresql://nobody@127.0.0.1:{free_port()}/recipes",
    }[backend]
    with Client(create_app(make_settings(url, tmp_path / "data"))) as client:
        before, recipes = read(client.at("127.0.0.1")), client.get(f"{API}/recipes")
        after = read(client.at("127.0.0.1"))
    assert recipes.status_code == 503
    assert after["recipes_ready",] == 0
    counted = {key: after[key] - before.get(key, 0) for key in after if "unavailable" in key[0]}
    assert sum(counted.values()) == 1
    assert {key[1] for key, count in counted.items() if count} <= {
        "OperationalError",
        "PoolTimeout",
    }


@on_one_database
def test_guessed_passwords_are_counted_and_so_are_refusals(
    client: TestClient, local: Client, user: Account
) -> None:
    before = read(local)
    for _ in range(13):
        client.post(f"{API}/auth/login", data={"username": user.email, "password": "wrong"})
    after = read(local)
    key = ("recipes_rate_limited_total", FAILED_LOGINS.name)
    assert after["recipes_failed_logins_total",] - before["recipes_failed_logins_total",] == 10
    assert after[key] - before.get(key, 0) == 3


@on_one_database
def test_the_metrics_are_those_of_the_documentation(local: Client) -> None:
    text = (ROOT / "docs/observability.md").read_text()
    row = re.compile(r"^\| `((?:http|recipes|process)_[a-z_]+)(?:\{[a-z_, ]*\})?` \|", re.MULTILINE)
    documented = set(row.findall(text))
    exposed = dict(re.findall(r"^# TYPE (\S+) (\S+)$", local.get("/metrics").text, re.MULTILINE))
    assert documented == exposed.keys()
    # And the alerts ask for nothing else.
    (rules,) = re.findall(r"```yaml\n(groups:.*?)```", text, re.DOTALL)
    asked = set(re.findall(r"\b(?:http|recipes|process)_[a-z_]+", rules)) - LABELS
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked} <= exposed.keys()


@on_one_database
def test_each_alert_can_fire_and_says_what_it_is_about(settings: Settings) -> None:
    text = (ROOT / "docs/observability.md").read_text()
    (rules,) = re.findall(r"```yaml\n(groups:.*?)```", text, re.DOTALL)
    with Client(create_app(settings)) as client:
        at_first = {name for name, *labels in read(client.at("127.0.0.1")) if not labels}
    alerts = re.split(r"^ +- alert: (\w+)\n", rules, flags=re.MULTILINE)[1:]
    for alert, rule in zip(alerts[::2], alerts[1::2], strict=True):
        assert re.search(r"^ +labels: \{ severity: (critical|warning) \}$", rule, re.MULTILINE), (
            alert
        )
        assert re.search(r"^ +annotations: \{ summary: \"[^\"]+\.\" \}$", rule, re.MULTILINE), alert
        # A series that begins with its first event has never increased: it must be there before.
        for name in re.findall(r"\bincrease\((\w+)", rule):
            assert name in at_first
    assert alerts[::2] == re.findall(r"^\| (Recipes\w+) \|", text, re.MULTILINE)
