"""Recipe API: our own NDJSON and ZIP exports, and recipes as the API returns them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson

from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.files.archive import Archive
from app.exchange.writing.exporters import MANIFEST, NdJson
from app.schemas.recipe import ReadOnlyMembers, RecipeDocument

READS_ALL = True
"""Its other files are none that we have written."""
_MAX_NAME = 64
_MAX_PROBED_LINES = 20


def read_text(text: str) -> Drafts | None:
    """Return the lines of an export, of which each is a recipe or unreadable."""
    lines = text.split("\n")
    beginning = islice(filter(str.strip, lines), _MAX_PROBED_LINES)
    return _read_lines(lines) if any(_is_ours(_load(line)) for line in beginning) else None


def read_json(value: Any) -> Drafts | None:
    """Return one recipe, a list of them, or a page of a list of the API."""
    if isinstance(value, dict):
        pages = [value[name] for name in ("items", "results") if isinstance(value.get(name), list)]
        value = pages[0] if pages else [value]
    if not isinstance(value, list) or not any(map(_is_ours, value)):
        return None
    return map(_read, value)


def read_archive(archive: Archive) -> Drafts | None:
    """Return the recipes of an export, even if it was zipped again with its folder."""
    manifests = archive.named("*manifest.json")
    if not any(_is_manifest(archive, name) for name in manifests):
        return None
    return _read_files(archive, archive.named(f"*{NdJson.filename}"))


def _is_manifest(archive: Archive, name: str) -> bool:
    try:
        manifest = archive.json(name)
    except ValueError:
        return False
    return isinstance(manifest, dict) and manifest.get("format") == MANIFEST["format"]


def _read_files(archive: Archive, names: Iterable[str]) -> Drafts:
    for name in names:
        yield from _read_lines(archive.lines(name))


def _read_lines(lines: Iterable[str | bytes]) -> Iterator[Draft | Unreadable]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            value = _load(line)
            is_object = isinstance(value, dict)
            reason = f"Line {number} is not a JSON object."
            yield _read(value) if is_object else Unreadable(None, reason)


def _load(line: str | bytes) -> Any:
    """Return the value of a line, or None if it is not JSON."""
    try:
        return orjson.loads(line)
    except ValueError:
        return None


def _is_ours(value: Any) -> bool:
    # Other applications call it a name or a title, and schema.org has a type.
    return isinstance(value, dict) and isinstance(value.get("label"), str) and "@type" not in value


def _read(value: Any) -> Draft | Unreadable:
    if not _is_ours(value):
        return Unreadable(None, "This is not a recipe: it has no label.")
    unknown = value.keys() - {*RecipeDocument.model_fields, *ReadOnlyMembers.model_fields}
    if unknown:
        names = ", ".join(name[:_MAX_NAME] for name in sorted(unknown)[:3])
        more = ", …" if len(unknown) > 3 else ""
        return Unreadable(value["label"], f"It has unknown members: {names}{more}.")
    document = {name: value[name] for name in RecipeDocument.model_fields if name in value}
    return Draft(document, is_ours=True)
