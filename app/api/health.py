"""The probes /livez and /readyz."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import JSONResponse

from app import crud
from app.api.problems import problem, responses
from app.core import deadline
from app.core.errors import UnavailableError
from app.core.policy import Who, allow
from app.db.migrations import revision_fault

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The state of the process."""

    status: Literal["ok"] = "ok"


@router.get("/livez", response_model=Health, operation_id="live")
@allow(Who.ANYONE, None)
async def live() -> Health:
    """The process answers. The database is not asked, so its outage restarts nothing."""
    return Health()


@router.get("/readyz", response_model=None, operation_id="ready", responses=responses(503))
@allow(Who.ANYONE, None)
async def ready(request: Request) -> object:
    """The database answers and has the schema of this version; 503 names what fails."""
    state = request.app.state
    fault = await fault_of(state)
    if fault is not None:
        detail, seconds = fault
        return problem(503, "/readyz", detail, headers={"Retry-After": str(seconds)})
    head = state.migration_head
    checks = {"database": "ok", "migration": head, "version": request.app.version}
    return JSONResponse({"status": "ok", "checks": checks})


async def fault_of(state: State) -> tuple[str, int] | None:
    """Return what prevents serving and Retry-After in seconds, or None."""
    if getattr(state, "is_stopping", False):
        return "The server is stopping.", 5
    # Probes wait a few seconds at most, so a late response would be useless.
    deadline.start(deadline.CONNECT_SECONDS)
    try:
        current = await crud.schema_revision(state.reader)
    except UnavailableError as error:
        return error.detail, 2
    fault = revision_fault(current)
    return (fault, 5) if fault else None
