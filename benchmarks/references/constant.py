"""A FastAPI application with one route that returns constant bytes: its upper limit."""

import os
from pathlib import Path

from fastapi import FastAPI, Response

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
app = FastAPI()


@app.get(os.environ["BENCH_PATH"])
async def constant() -> Response:
    """Answer with the same bytes, without parameters, dependencies or a model."""
    return Response(BODY, media_type="application/json")
