"""Whether the process lives, and whether it can serve."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse

from app import crud
from app.api.problems import problem, responses
from app.core.errors import UnavailableError

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The state of the process."""

    status: Literal["ok"] = "ok"


@router.get("/livez", response_model=Health, operation_id="live")
async def live() -> Health:
    """The process answers. It asks nobody else, so a database that is away restarts nothing."""
    return Health()


@router.get("/readyz", response_model=None, operation_id="ready", responses=responses(503))
async def ready(request: Request) -> object:
    """The database answers and has the schema of this version; 503 names what fails."""
    state = request.app.state
    try:
        current = await crud.schema_revision(state.reader)
    except UnavailableError as error:
        return problem(503, "/readyz", error.detail, headers={"Retry-After": "2"})
    if current != state.migration_head:
        detail = (
            f"The database is at revision {current}, this version needs {state.migration_head}."
        )
        return problem(503, "/readyz", detail, headers={"Retry-After": "5"})
    checks = {"database": "ok", "migration": current, "version": request.app.version}
    return JSONResponse({"status": "ok", "checks": checks})
