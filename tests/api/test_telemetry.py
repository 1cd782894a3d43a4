"""OpenTelemetry: off until somebody sets it up, and then without what people send."""

import json
import sys
from typing import Any

import pytest

from app.core.config import Settings
from app.observability.tracing import telemetry
from tests.factories import API, PASSWORD
from tests.processes import run
from tests.web.browser import on_one_database

# A provider for a process of its own, since there can be only one; the SDK is not needed.
SCRIPT = """
import json, sys
from pathlib import Path
from opentelemetry import trace

SPANS = []

class Span(trace.NonRecordingSpan):
    def __init__(self, name, attributes):
        super().__init__(trace.INVALID_SPAN_CONTEXT)
        self.told = {"name": name, "attributes": dict(attributes or {}), "events": 0}
        SPANS.append(self.told)

    def update_name(self, name):
        self.told["name"] = name

    def set_attribute(self, key, value):
        self.told["attributes"][key] = value

    def set_attributes(self, attributes):
        self.told["attributes"].update(attributes)

    def add_event(self, *_, **__):
        self.told["events"] += 1

    def record_exception(self, *_, **__):
        self.told["events"] += 1

class Tracer(trace.NoOpTracer):
    def start_span(self, name, context=None, kind=None, attributes=None, **_):
        return Span(name, attributes)

class Provider(trace.TracerProvider):
    def get_tracer(self, *_, **__):
        return Tracer()

trace.set_tracer_provider(Provider())

from app.core.config import get_settings
from app.main import create_app
from tests.client import Client

async def fail():
    raise ValueError("seven wooden" + " spoons")

app = create_app(get_settings())
app.add_api_route("/fails", fail)
with Client(app) as client:
    for method, path, body in json.loads(sys.argv[1]):
        client.request(method, path, json=body)
print("spans:", json.dumps(SPANS))
"""


def spans_of(settings: Settings, *requests: tuple[str, str, object]) -> list[dict[str, Any]]:
    done = run(settings, sys.executable, "-c", SCRIPT, json.dumps(requests))
    assert done.returncode == 0, done.stdout
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("spans:")]
    found: list[dict[str, Any]] = json.loads(line.removeprefix("spans:"))
    return found


@on_one_database
def test_a_span_has_the_path_of_its_route_and_nothing_that_was_sent(settings: Settings) -> None:
    settings = settings.model_copy(update={"log_level": "ERROR"})
    body = {"email": "no address", "password": PASSWORD, "first_name": 7}
    spans = spans_of(
        settings,
        ("GET", f"{API}/recipes/999", None),
        ("HEAD", f"{API}/recipes/", None),
        ("POST", f"{API}/auth/signup", body),
        ("GET", "/?key=a-key-of-a-link&q=words", None),
        ("GET", "/nothing?%6bey=a-key-of-a-link", None),
        ("BREW", "/livez", None),
    )
    told = [(each["name"], each["attributes"]["http.response.status_code"]) for each in spans]
    assert told == [
        ("GET /api/v1/recipes/{recipe_id}", 404),
        ("HEAD /api/v1/recipes", 200),
        ("POST /api/v1/auth/signup", 422),
        ("GET /", 200),
        ("GET", 404),
        ("HTTP /livez", 405),
    ]
    assert PASSWORD not in json.dumps(spans)
    assert "no address" not in json.dumps(spans)
    assert [each["attributes"].get("url.query") for each in spans] == [
        *(None, None, None, "REDACTED", "REDACTED", None)
    ]


@on_one_database
def test_a_span_does_not_tell_what_an_exception_says(settings: Settings) -> None:
    settings = settings.model_copy(update={"log_level": "ERROR"})
    script = SCRIPT.replace('"seven wooden" + " spoons"', '"somebody sent this"')
    done = run(settings, sys.executable, "-c", script, json.dumps([("GET", "/fails", None)]))
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("spans:")]
    (span,) = json.loads(line.removeprefix("spans:"))
    assert span["name"] == "GET /fails"
    assert span["attributes"]["http.response.status_code"] == 500
    assert "somebody" not in line
    assert span["events"] == 0


def test_it_is_off_until_it_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FASTAPI_OTEL_AUTO_CONFIGURE", raising=False)
    off = telemetry()
    assert (off["tracing"], off["metrics"], off["logs"]) == (False, False, False)
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    on = telemetry()
    assert (on["tracing"], on["metrics"], on["logs"]) == (True, True, False)
