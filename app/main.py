"""The application: the only place where its parts are joined."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.datastructures import State

from app import web
from app.api import docs, errors, health, metrics, v1
from app.api.fast_reads import FastReads
from app.api.middleware import (
    AllowedHosts,
    BodyLimit,
    CanonicalRequest,
    Cors,
    Deadline,
    RequestMiddleware,
    ServerErrors,
)
from app.api.proxies import PublicAddress, TrustedProxies
from app.core.bounds import MAX_BATCH_BODY, MAX_BODY, MAX_IMPORT_BODY
from app.core.config import ANY, Settings, get_settings
from app.crud import RateLimiter, retention
from app.crud.deletions import Deletions
from app.db.connections import warn_of_few_connections
from app.db.migrations import newest_revision
from app.db.reader import make_reader
from app.db.transactions import make_transactions
from app.exchange.fetch import fetch_page
from app.observability.logging import configure_logging
from app.observability.metrics import begin_counting
from app.observability.request_log import ACCESS, note_slower_than
from app.observability.tracing import telemetry
from app.ops.backup.files import last_backup
from app.search import synonyms

VERSION = "0.1.0"
LARGER_BODIES = {
    "/api/v1/recipes/batch": MAX_BATCH_BODY,
    "/api/v1/recipes/import": MAX_IMPORT_BODY,
    "/import": MAX_IMPORT_BODY,
}
ENDLESS_BODIES = {"/api/v1/recipes/import": "application/x-ndjson"}
UNHURRIED = {
    "/api/v1/recipes/batch",
    "/api/v1/recipes/import",
    "/api/v1/recipes/export",
    "/import",
    "/export/file",
}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the database, and run what a worker does beside requests."""
    state, settings = app.state, app.state.settings
    # Here, after the fork: workers must share neither an engine nor a slot for metrics.
    begin_counting()
    state.transactions = make_transactions(settings)
    state.reader = make_reader(settings)
    await state.reader.open()
    synonyms.use_own(state.reader, settings.data_dir)
    state.rate_limiter = RateLimiter(state.reader, state.transactions, state.secret)
    state.deletions = Deletions(state.reader, state.transactions)
    tasks = [
        asyncio.create_task(state.deletions.keep_finishing()),
        asyncio.create_task(retention.keep_applying(state.transactions, settings)),
        asyncio.create_task(warn_of_few_connections(state.reader, settings)),
    ]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await state.reader.close()
    state.transactions.close()
    ACCESS.flush()


def configure(app: FastAPI, settings: Settings) -> None:
    """Set the state of `app`, which has not started, and the log as `settings` say."""
    configure_logging(settings)
    ACCESS.configure(settings.log_level, settings.logs_json)
    note_slower_than(settings.slow_statement_ms / 1000)
    app.state = State()
    app.state.settings = settings
    app.state.secret = settings.signing_secret()
    app.state.migration_head = newest_revision()
    app.state.error_page = web.error_page
    app.state.fetch_page = fetch_page
    app.state.last_backup = last_backup


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for `settings`; connections are made when it starts, not here."""
    settings = settings or get_settings()
    traced = telemetry()
    app = FastAPI(
        title="Recipe API",
        version=VERSION,
        description="Store, find and serve recipes.",
        lifespan=lifespan,
        routes=[*web.routes, *metrics.routes, *docs.routes],
        openapi_url=None,
        redirect_slashes=False,
        telemetry=traced,
    )
    configure(app, settings)
    errors.install(app)

    for router in v1.routers:
        app.include_router(router)
    app.include_router(health.router)
    app.openapi = lambda: docs.document(app)  # type: ignore[method-assign] # FastAPI's own way to extend it

    # The last added is the outermost. So every response, errors included, has the common headers
    # and those of CORS, and AllowedHosts sees the canonical path. The two outermost restore the
    # request as the client sent it.
    if not traced["tracing"]:  # FastAPI's router tells the span which route it is.
        app.add_middleware(FastReads)
    app.add_middleware(Deadline, unhurried=UNHURRIED, seconds=settings.request_timeout_seconds)
    app.add_middleware(BodyLimit, maximum=MAX_BODY, larger=LARGER_BODIES, endless=ENDLESS_BODIES)
    if settings.served_hosts != ANY:
        app.add_middleware(AllowedHosts, hosts=settings.served_hosts)
    app.add_middleware(CanonicalRequest)
    app.add_middleware(ServerErrors)
    if settings.cors_origins:
        app.add_middleware(Cors, origins=settings.cors_origins)
    is_https = settings.public_scheme == "https"
    app.add_middleware(
        RequestMiddleware, hsts=settings.is_production or is_https, is_traced=traced["tracing"]
    )
    if settings.public_url:
        app.add_middleware(PublicAddress, scheme=settings.public_scheme, path=settings.root_path)
    if settings.trusted_proxies:
        app.add_middleware(TrustedProxies, proxies=settings.trusted_proxies)
    return app
