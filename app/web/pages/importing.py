"""Import recipes from a URL, a text or files, with or without a preview."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.api.import_job import IMPORTS, Import, drafts_asked_for, patiently
from app.core.errors import InvalidError, TooManyRequestsError
from app.core.slugs import recipe_path
from app.exchange import reading
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.items import Item, items_of
from app.schemas.faults import faults_of
from app.schemas.importing import ImportOptions, ImportRequest
from app.web.differences import Difference, in_full
from app.web.visit import Form, Pages, Visit, by_field

pages = Pages()

MAX_CARRIED = 2 * 2**20
"""Bytes of documents in the form of the preview, so that nothing is fetched or sent twice."""
MAX_SHOWN = 100
"""Items of one status that are listed."""
MAX_FULL = 256 * 2**10
"""Bytes of documents that are shown in full."""
MAX_ANONYMOUS = 2**20
"""Bytes of a form that are read from a sender who is signed out, to show it again."""

_NO_INPUT = "Enter an address or a text, or choose a file."
_TWO_INPUTS = "A file is imported alone: empty the other fields, or choose no file."
_NO_RECIPE = "No recipe was found in it."


@pages.get("/import", does="import_recipes")
async def show_import(visit: Visit) -> Response:
    """Show the form."""
    return _form_page(visit, {}, {})


# `does` is None so that a form is not lost with the session.
@pages.post("/import", does=None)
async def import_recipes(visit: Visit) -> Response:
    """Preview an import, or import and show the report."""
    if visit.is_signed_in:
        with IMPORTS.hold(str(visit.viewer.id)):
            return await _import(visit)
    if _length(visit) > MAX_ANONYMOUS:
        visit.admit("import_recipes")
    return await _import(visit)


async def _import(visit: Visit) -> Response:
    form, is_ours = await visit.unchecked_form()
    typed = form.texts("url", "text", "on_duplicate")
    if not (visit.is_signed_in and is_ours):
        return _form_page(visit, typed, {}, 403)
    visit.admit("import_recipes")
    source = next((name for name in ("file", "text") if form.files(name) or form[name]), "url")
    try:
        options = ImportOptions(
            dry_run=form["do"] != "import",
            on_duplicate=form["on_duplicate"] or "skip",
        )
        drafts = await _drafts(visit, form)
    except ValidationError as error:
        # A text with a URL is sent as `html`.
        faults = by_field(faults_of(error))
        return _form_page(visit, typed, {n.replace("html", "text"): t for n, t in faults.items()})
    except InvalidError as error:
        return _form_page(visit, typed, {source: [error.detail]})
    except TooManyRequestsError as error:
        return _form_page(visit, typed, {source: [error.detail]}, 429, error.retry_after)
    items: list[Item] = []
    running = Import(visit.transactions, visit.viewer, options, visit.path)
    report = await running.all_of(_collect(items_of(drafts), items))
    if not items:
        return _form_page(visit, typed, {source: [_NO_RECIPE]})
    if options.dry_run:
        carried = await patiently(_carried, report["items"], items)
        groups = await patiently(_groups, report["items"])
        return visit.page(
            "import_preview.html", report=report, groups=groups, carried=carried, typed=typed
        )
    only = report["items"][0]
    if len(items) == 1 and items[0].document and only["status"] in ("created", "updated"):
        return visit.redirect(recipe_path(only["id"], items[0].document.label), "imported")
    # The report is stored nowhere, so there is no page to redirect to. Sending the form again
    # imports nothing twice, unless copies were asked for.
    groups = await patiently(_groups, report["items"])
    return visit.page("import_report.html", report=report, groups=groups)


def _form_page(
    visit: Visit,
    typed: dict[str, str],
    errors: dict[str, list[str]],
    status: int = 0,
    retry_after: int | None = None,
) -> Response:
    headers = [(b"retry-after", str(retry_after).encode())] if retry_after else []
    status = status or (422 if errors else 200)
    return visit.page(
        "import.html", status, *headers, typed=typed, errors=errors, is_old=status == 403
    )


def _length(visit: Visit) -> float:
    """Return the declared length of the body."""
    length = visit.request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else float("inf")


# --- Reading -------------------------------------------------------------------------------------


async def _drafts(visit: Visit, form: Form) -> Drafts:
    """Read the recipes of the input. Raise InvalidError or ValidationError."""
    url, text, files = form["url"], form["text"], form.files("file")
    if form["documents"]:
        return await patiently(reading.read_text, form["documents"])
    if files:
        if url or text:
            raise InvalidError(_TWO_INPUTS)
        return await _drafts_of_files(files)
    if not url and not text:
        raise InvalidError(_NO_INPUT)
    # With an address, the text is the source of that page.
    fields = {"url": url, "html": text} if url and text else {"url": url} if url else {"text": text}
    drafts = await drafts_asked_for(ImportRequest(**fields), visit.viewer, visit.request)
    return _at(url, drafts) if url and text else drafts


def _at(url: str, drafts: Drafts) -> Drafts:
    """Give recipes copied from a page its URL."""
    for draft in drafts:
        if isinstance(draft, Draft) and not (draft.is_ours or draft.document.get("url")):
            yield Draft({**draft.document, "url": url})
        else:
            yield draft


async def _drafts_of_files(files: Sequence[UploadFile]) -> Drafts:
    """Read the recipes of all files. An unreadable file is reported like an unreadable recipe."""
    found: list[Drafts] = []
    refused: list[Draft | Unreadable] = []
    for each in files:
        try:
            found.append(await patiently(reading.read_file, each.file))
        except InvalidError as error:
            refused.append(Unreadable(each.filename, error.detail))
            if len(files) == 1:
                raise
    return chain(refused, *found)


def _collect(items: Iterator[Item], collected: list[Item]) -> Iterator[Item]:
    for item in items:
        collected.append(item)
        yield item


def _carried(reported: Sequence[dict[str, Any]], items: Sequence[Item]) -> str | None:
    """Return the documents to store, one per line, or None if they are too long."""
    lines = [
        # Without unset members, which an update leaves unchanged.
        item.document.model_dump_json(exclude_unset=True)
        for each, item in zip(reported, items, strict=True)
        if item.document and each["status"] in ("created", "updated")
    ]
    size = sum(len(line.encode()) for line in lines)
    return "\n".join(lines) if size <= MAX_CARRIED else None


# --- Report --------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """One line of the report or preview."""

    name: str
    path: str | None
    reasons: list[str]
    recipe: dict[str, Any] | None
    in_full: list[Difference]


class Group(NamedTuple):
    """The items of one status, or the first of them."""

    status: str
    size: int
    entries: list[Entry]


def _groups(items: Sequence[dict[str, Any]]) -> list[Group]:
    """Group the items of a report by status, failures first."""
    groups = []
    room = MAX_FULL
    for status in ("failed", "created", "updated", "skipped"):
        of_status = [item for item in items if item["status"] == status]
        entries = []
        for item in of_status[:MAX_SHOWN]:
            recipe = item.get("recipe")
            room -= len(str(recipe)) if recipe else 0
            entries.append(_entry(item, recipe, is_full=bool(recipe) and room > 0))
        if of_status:
            groups.append(Group(status, len(of_status), entries))
    return groups


def _entry(item: dict[str, Any], recipe: dict[str, Any] | None, *, is_full: bool) -> Entry:
    name = _text(item["name"] or "")
    return Entry(
        name,
        recipe_path(item["id"], name) if item["id"] else None,
        _reasons(item["problem"], has_name=bool(name)) if item["problem"] else [],
        recipe,
        in_full(recipe) if recipe and is_full else [],
    )


def _reasons(problem: dict[str, Any], *, has_name: bool) -> list[str]:
    """Return why an item failed: where, and what is wrong there."""
    if not (has_name and problem["errors"]):
        return [_text(problem["detail"])]
    found = []
    for fault in problem["errors"]:
        parts = (fault.get("pointer") or "").split("/")[1:]
        place = " ".join(str(int(part) + 1) if part.isdecimal() else part for part in parts)
        found.append(_text(f"{place}: {fault['detail']}" if place else fault["detail"]))
    return found


def _text(name: str) -> str:
    """Replace lone surrogates, which a name may hold."""
    return name.encode("utf-8", "replace").decode()
