"""OpenTelemetry, as built into FastAPI."""

import os

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import ProxyTracerProvider, get_current_span, get_tracer_provider


def telemetry() -> TelemetryConfig:
    """Return the configuration: spans and metrics if a provider is set up, else nothing.

    FastAPI would look for a provider at each request, which takes as long as a fast read. Its logs
    are always off: they contain exception messages, which may contain input.
    """
    by_environment = os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true"
    is_on = by_environment or not isinstance(get_tracer_provider(), ProxyTracerProvider)
    return {"tracing": is_on, "metrics": is_on, "logs": False, "operation_spans": False}


def hide_query() -> None:
    """Redact the query in the span of this request: it may hold the key of a share link."""
    get_current_span().set_attribute("url.query", "REDACTED")
