"""Run `recipes …` in the process of the test, where it starts fast."""

import io
import math
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from app.core.config import Settings, get_settings
from app.observability.request_log import note_slower_than
from app.ops.cli import main
from tests.processes import environment


class Done(NamedTuple):
    """The result of a command."""

    status: int
    out: str
    err: str


class Recipes:
    """Runs `recipes` with these settings: `recipes("user", "create", "a@b.example")`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __call__(
        self,
        *arguments: str,
        stdin: bytes = b"",
        settings: Settings | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Done:
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            given = environment(settings or self.settings) | dict(variables or {})
            for name, value in given.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["recipes", *arguments])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            get_settings.cache_clear()
            # As in a new process, which logs no slow statements.
            note_slower_than(math.inf)
            with pytest.raises(SystemExit) as ended:
                main()
        get_settings.cache_clear()
        # Python prints a message to standard error, with exit status 1.
        status = ended.value.code or 0
        if isinstance(status, str):
            return Done(1, out.getvalue(), f"{err.getvalue()}{status}\n")
        return Done(int(status), out.getvalue(), err.getvalue())
