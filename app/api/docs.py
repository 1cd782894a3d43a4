"""The OpenAPI document and its pages, which work offline: their assets come from a package."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.docs import (
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from app.api.problems import Problem, responses
from app.api.representation import Representation
from app.core.policy import POLICY, Scope, Who
from app.core.root_path import root_path
from app.core.threads import compute
from app.schemas.importing import ImportRequest

OPENAPI_PATH = "/api/v1/openapi.json"
ASSETS = "/docs/assets"
LOGIN_PATH = "/api/v1/auth/login"


# The bundle of ReDoc would fetch a logo from its makers.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'"
    )
}


def _security_schemes(root: str) -> dict[str, Any]:
    return {
        "password": {
            "type": "oauth2",
            "description": "Log in with e-mail address and password.",
            "flows": {"password": {"tokenUrl": root + LOGIN_PATH, "scopes": {}}},
        },
        "api_token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "rcp_…",
            "description": "An API token, made at /api/v1/auth/tokens.",
        },
    }


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, built at the first call."""
    if app.openapi_schema is None:
        root = app.state.settings.root_path
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=[{"url": root}] if root else None,
        )
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for model in (Problem, ImportRequest):
            described = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= described.pop("$defs", {}) | {model.__name__: described}
        schema["components"]["securitySchemes"] = _security_schemes(root)
        for path, operations in schema["paths"].items():
            for method, operation in operations.items():
                _describe_access(operation)
                if path.startswith("/api/"):
                    _describe_headers(method, operation["responses"])
        app.openapi_schema = schema
    return app.openapi_schema


def _describe_access(operation: dict[str, Any]) -> None:
    """Add the rule of the policy: who may call the operation, and with which credentials."""
    rule = POLICY[operation["operationId"]]
    if rule.scope is None:
        return
    takes_api_tokens = rule.scope is not Scope.ACCOUNT
    operation["security"] = [
        *([{}] if rule.who is Who.ANYONE else []),
        {"password": []},
        *([{"api_token": []}] if takes_api_tokens else []),
    ]
    tokens = f"need the scope `{rule.scope}`" if takes_api_tokens else "are not enough"
    operation["description"] += f"\n\nFor {rule.who.value}. API tokens {tokens}."


def _describe_headers(method: str, answers: dict[str, Any]) -> None:
    """Add what all operations have in common: the request id, ETags, 304, 507, Retry-After."""
    if method == "get" and "application/json" in answers.get("200", {}).get("content", {}):
        answers["304"] = {"description": "You have this representation already (If-None-Match)"}
    if method != "get":
        answers.update({str(status): each for status, each in responses(507).items()})
    for status, answer in answers.items():
        headers = answer.setdefault("headers", {})
        headers["X-Request-ID"] = _header("The id of this request, also in our log")
        if status == "304" or "application/json" in answer.get("content", {}):
            headers["ETag"] = _header("A strong entity tag of this representation")
        if status == "201":
            headers["Location"] = _header("The path of what was made")
        if status in ("429", "503", "507"):
            headers["Retry-After"] = _header("Seconds to wait")
        if status == "429":
            headers["RateLimit-Policy"] = _header("What is limited: how often in how many seconds")
            headers["RateLimit"] = _header("How often still, and in how many seconds again")
        if status == "401":
            headers["WWW-Authenticate"] = _header("Which credentials are asked for")


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _assets() -> Path:
    spec = find_spec("fastapi_offline")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "static"


async def openapi(request: Request) -> Representation:
    """Return the OpenAPI document, serialised once."""
    state = request.app.state
    if not hasattr(state, "openapi_body"):
        # Building it takes half a second.
        state.openapi_body = await compute(lambda: orjson.dumps(document(request.app)))
    return Representation(request, state.openapi_body, b"application/json")


async def swagger_ui(request: Request) -> HTMLResponse:
    """Return Swagger UI, with a working Authorize button."""
    root = root_path.get()
    page = get_swagger_ui_html(
        openapi_url=root + OPENAPI_PATH,
        title=f"{request.app.title}: documentation",
        swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}/static/favicon.svg",
        oauth2_redirect_url=f"{root}/docs/oauth2-redirect",
    )
    page.headers.update(_HEADERS)
    return page


async def swagger_ui_redirect(request: Request) -> HTMLResponse:
    """Return the target of Swagger UI's OAuth2 redirect."""
    page = get_swagger_ui_oauth2_redirect_html()
    page.headers.update(_HEADERS)
    return page


async def redoc(request: Request) -> HTMLResponse:
    """Return ReDoc."""
    root = root_path.get()
    page = get_redoc_html(
        openapi_url=root + OPENAPI_PATH,
        title=f"{request.app.title}: reference",
        redoc_js_url=f"{root}{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{root}/static/favicon.svg",
        with_google_fonts=False,
    )
    page.headers.update(_HEADERS)
    return page


routes = [
    Route(OPENAPI_PATH, openapi, include_in_schema=False),
    Route("/docs", swagger_ui, include_in_schema=False),
    Route("/docs/oauth2-redirect", swagger_ui_redirect, include_in_schema=False),
    Route("/redoc", redoc, include_in_schema=False),
    Mount(ASSETS, StaticFiles(directory=_assets())),
]
