"""What takes no more memory however much there is to do."""

import os
import sys
from pathlib import Path

import pytest

from app.core.config import Settings
from tests.factories import Account
from tests.ndjson import sample_lines
from tests.processes import started


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="only Unix tells the memory of a process")
def test_to_import_many_recipes_takes_no_more_memory_than_some(
    settings: Settings, superuser: Account, tmp_path: Path
) -> None:
    def peak(count: int) -> int:
        file = tmp_path / "many.ndjson"
        file.write_text(sample_lines(count))
        command = str(Path(sys.executable).with_name("recipes"))
        with started(settings, command, "import", str(file), "--dry-run") as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode == 0
            return usage.ru_maxrss

    # In KiB: what ten times as many recipes take in a file is 30 MiB more.
    assert peak(12_000) - peak(1200) < 15_000
