"""The samples of docs/samples fit the application."""

import re

from app.core.config import ROOT
from app.main import UNHURRIED
from tests.factories import API

SAMPLES = ROOT / "docs/samples"


def test_the_proxies_wait_for_what_may_take_long() -> None:
    (location,) = re.findall(r"location ~ (\S+) \{", (SAMPLES / "nginx.conf").read_text())
    waits = re.findall(
        r"set-timeout server 1h if \{ path(?:_beg)? ([^}]+) \}",
        (SAMPLES / "haproxy.cfg").read_text(),
    )
    assert {path for paths in waits for path in paths.split()} == UNHURRIED
    assert all(re.search(location, path) for path in UNHURRIED)
    assert not any(re.search(location, path) for path in ("/", "/login", f"{API}/recipes"))
