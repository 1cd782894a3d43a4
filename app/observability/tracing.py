"""OpenTelemetry: FastAPI has it built in, and this is how much of it is on."""

import os

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import ProxyTracerProvider, get_current_span, get_tracer_provider


def telemetry() -> TelemetryConfig:
    """Spans and metrics where a provider is set up, or is to be from the environment; else nothing.

    FastAPI itself would look for one at each request, which takes as long as a quick read. Its logs
    are off in any case: they hold the messages of exceptions, which may hold what somebody sent.
    """
    by_environment = os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true"
    is_on = by_environment or not isinstance(get_tracer_provider(), ProxyTracerProvider)
    return {"tracing": is_on, "metrics": is_on, "logs": False, "operation_spans": False}


def hide_query() -> None:
    """Replace the query that FastAPI has noted in the span of this request.

    It may hold the key of a share link, or what somebody searched for.
    """
    get_current_span().set_attribute("url.query", "REDACTED")
