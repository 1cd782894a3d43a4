"""The supported versions of Python are the same in the package, in CI and in the image."""

import re
import tomllib

from app.core.config import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yaml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def in_ci() -> list[str]:
    (matrix,) = re.findall(r"^ +python: \[(.+)\]$", WORKFLOW, re.MULTILINE)
    return re.findall(r"\d+\.\d+", matrix)


def test_ci_runs_each_version_that_the_package_declares() -> None:
    declared = [each.rpartition(" :: ")[2] for each in PROJECT["classifiers"]]
    assert [each for each in declared if re.fullmatch(r"\d+\.\d+", each)] == in_ci()
    assert PROJECT["requires-python"].startswith(f">={in_ci()[0]},")


def test_the_image_has_one_version_and_ci_runs_it() -> None:
    (version,) = set(re.findall(r"^FROM python:(\d+\.\d+)-", DOCKERFILE, re.MULTILINE))
    assert version in in_ci()
