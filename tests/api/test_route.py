"""What the route class of the API takes of FastAPI, and what it refuses by name."""

from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Body, Cookie, Depends, File, Security
from fastapi.security import SecurityScopes

from app.api.route import Route

OPTIONS: dict[str, Any] = {
    "response_model_include": {"a"},
    "response_model_exclude": {"a"},
    "response_model_by_alias": False,
    "response_model_exclude_unset": True,
    "response_model_exclude_defaults": True,
    "response_model_exclude_none": True,
    "max_body_size": 1,
}


@pytest.mark.parametrize(("option", "value"), OPTIONS.items(), ids=OPTIONS.keys())
def test_an_option_without_effect_is_refused(option: str, value: object) -> None:
    async def list_tags() -> None: ...

    Route("/tags", list_tags)
    with pytest.raises(TypeError, match=option):
        Route("/tags", list_tags, **{option: value})


async def scopes(scopes: SecurityScopes) -> None: ...


async def nothing() -> None: ...


async def with_cookie(a: Annotated[str, Cookie()]) -> None: ...


async def with_tasks(tasks: BackgroundTasks) -> None: ...


async def with_file(file: Annotated[bytes, File()]) -> None: ...


async def embedded(a: Annotated[dict[str, str], Body(embed=True)]) -> None: ...


async def two_bodies(a: dict[str, str], b: dict[str, str]) -> None: ...


async def with_scopes(a: Annotated[None, Security(scopes, scopes=["x"])]) -> None: ...


async def uncached(a: Annotated[None, Depends(nothing, use_cache=False)]) -> None: ...


async def with_concurrency(a: Annotated[None, Depends(nothing, max_concurrency=5)]) -> None: ...


FUNCTIONS = [with_cookie, with_tasks, with_file, embedded, two_bodies, with_scopes, uncached]
FUNCTIONS += [with_concurrency]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: each.__name__)
def test_what_would_be_ignored_is_refused(function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "__name__", "list_tags")
    with pytest.raises(TypeError, match="an operation"):
        Route("/tags", function, methods=["POST"])
