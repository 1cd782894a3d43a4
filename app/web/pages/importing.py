"""Bring recipes in: look first at what would come of it, or do it at once."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from app.api.importing import IMPORTS, Import, drafts_asked_for, patiently
from app.core.errors import InvalidError, TooManyRequestsError
from app.db.reader import Row
from app.exchange import reading
from app.exchange.drafts import Draft, Drafts, Unreadable
from app.exchange.items import Item, items_of
from app.schemas.faults import faults_of
from app.schemas.importing import ImportOptions, ImportRequest
from app.web.differences import Difference, in_full
from app.web.pages.recipe import path_of
from app.web.visit import Form, Pages, Visit, by_field

pages = Pages()

MAX_CARRIED = 2 * 2**20
"""Bytes of documents that a preview carries on, so that nothing is fetched or uploaded twice."""
MAX_SHOWN = 100
"""Items of one status that are named, and how many of them are shown in full."""
MAX_FULL = 256 * 2**10
"""Bytes of documents that are shown in full."""
MAX_ANONYMOUS = 2**20
"""Bytes that are read of a form whose sender has been signed out, to show it again."""

_NOTHING = "Nothing to bring in was given: an address, a text or a file."
_TWO = "A file is brought in by itself: empty the other fields, or choose none."
_NO_RECIPE = "No recipe was found in it."


@pages.get("/import", does="import_recipes")
async def show_import(visit: Visit) -> Response:
    """The form."""
    return _form_page(visit, {}, {})


# What was typed is not lost with the session, so the function itself asks who has sent it.
@pages.post("/import", does=None)
async def import_recipes(visit: Visit) -> Response:
    """Show what would become of each recipe, or bring them in and tell what has."""
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
        # A text goes as `html` where its address is given too.
        faults = by_field(faults_of(error))
        return _form_page(visit, typed, {n.replace("html", "text"): t for n, t in faults.items()})
    except InvalidError as error:
        return _form_page(visit, typed, {source: [error.detail]})
    except TooManyRequestsError as error:
        return _form_page(visit, typed, {source: [error.detail]}, 429, error.retry_after)
    items: list[Item] = []
    running = Import(visit.transactions, visit.viewer, options, visit.path)
    report = await running.all_of(_noted(items_of(drafts), items))
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
        row = Row(id=only["id"], label=items[0].document.label)
        return visit.redirect(path_of(row), "imported")
    # There is no address to go on to: the report is nowhere but here. And to send the form once
    # more brings nothing in twice, unless copies were asked for.
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
    """How long the body says that it is."""
    length = visit.request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else float("inf")


# --- What is brought in --------------------------------------------------------------------------


async def _drafts(visit: Visit, form: Form) -> Drafts:
    """The recipes of whatever was given. Raises InvalidError or ValidationError."""
    url, text, files = form["url"], form["text"], form.files("file")
    if form["documents"]:
        return await patiently(reading.read_text, form["documents"])
    if files:
        if url or text:
            raise InvalidError(_TWO)
        return await _drafts_of_files(files)
    if not url and not text:
        raise InvalidError(_NOTHING)
    given = {"url": url, "html": text} if url and text else {"url": url} if url else {"text": text}
    drafts = await drafts_asked_for(ImportRequest(**given), visit.viewer, visit.request)
    return _at(url, drafts) if url and text else drafts


def _at(url: str, drafts: Drafts) -> Drafts:
    """Recipes that were copied from a page, which is where they are from."""
    for draft in drafts:
        if isinstance(draft, Draft) and not (draft.is_ours or draft.document.get("url")):
            yield Draft({**draft.document, "url": url})
        else:
            yield draft


async def _drafts_of_files(files: Sequence[UploadFile]) -> Drafts:
    """The recipes of all files; one that cannot be read is told like a recipe that cannot."""
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


def _noted(items: Iterator[Item], noted: list[Item]) -> Iterator[Item]:
    for item in items:
        noted.append(item)
        yield item


def _carried(told: Sequence[dict[str, Any]], items: Sequence[Item]) -> str | None:
    """The documents of what is to be stored, a line for each; None where they are too many."""
    lines = [
        # Without what was not said, as it is in the file: an update leaves it as it is.
        item.document.model_dump_json(exclude_unset=True)
        for each, item in zip(told, items, strict=True)
        if item.document and each["status"] in ("created", "updated")
    ]
    size = sum(len(line.encode()) for line in lines)
    return "\n".join(lines) if size <= MAX_CARRIED else None


# --- What is told of it --------------------------------------------------------------------------


class Told(NamedTuple):
    """What has become of an item, or would."""

    name: str
    path: str | None
    reasons: list[str]
    recipe: dict[str, Any] | None
    in_full: list[Difference]


class Group(NamedTuple):
    """The items that have become the same, or the first of them."""

    status: str
    size: int
    told: list[Told]


def _groups(items: Sequence[dict[str, Any]]) -> list[Group]:
    """Items of a report by their status; what needs attention comes first."""
    groups = []
    room = MAX_FULL
    for status in ("failed", "created", "updated", "skipped"):
        of_status = [item for item in items if item["status"] == status]
        told = []
        for item in of_status[:MAX_SHOWN]:
            recipe = item.get("recipe")
            room -= len(str(recipe)) if recipe else 0
            told.append(_told(item, recipe, is_full=bool(recipe) and room > 0))
        if of_status:
            groups.append(Group(status, len(of_status), told))
    return groups


def _told(item: dict[str, Any], recipe: dict[str, Any] | None, *, is_full: bool) -> Told:
    name = _text(item["name"] or "")
    return Told(
        name,
        path_of(Row(id=item["id"], label=name)) if item["id"] else None,
        _reasons(item["problem"], has_name=bool(name)) if item["problem"] else [],
        recipe,
        in_full(recipe) if recipe and is_full else [],
    )


def _reasons(problem: dict[str, Any], *, has_name: bool) -> list[str]:
    """Why an item has failed, for people: where in it, and what is wrong there."""
    if not (has_name and problem["errors"]):
        return [_text(problem["detail"])]
    found = []
    for fault in problem["errors"]:
        parts = (fault.get("pointer") or "").split("/")[1:]
        place = " ".join(str(int(part) + 1) if part.isdecimal() else part for part in parts)
        found.append(_text(f"{place}: {fault['detail']}" if place else fault["detail"]))
    return found


def _text(name: str) -> str:
    """A name as it came, made text: it may hold lone surrogates."""
    return name.encode("utf-8", "replace").decode()
