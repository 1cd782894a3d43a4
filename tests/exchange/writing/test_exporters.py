"""The files of every format of an export."""

import asyncio
import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import orjson
import pytest

from app.exchange.schema_org.writing import to_schema_org
from app.exchange.writing.exporters import EXPORTERS, Exporter, Format, export_stream
from app.exchange.writing.markdown import to_markdown
from app.exchange.writing.zip_stream import ManyFilesZip
from tests.documents import DEFAULTS, ODD, WHOLE

TOAST: dict[str, Any] = {"label": "Toast", **DEFAULTS}
COMPLETE = [WHOLE, TOAST]

each_format = pytest.mark.parametrize("name", EXPORTERS)


async def collected(
    exporter: Exporter, pages: AsyncGenerator[Sequence[dict[str, Any]]]
) -> list[bytes]:
    return [part async for part in export_stream(exporter, pages)]


async def in_pages(*pages: Sequence[dict[str, Any]]) -> AsyncGenerator[Sequence[dict[str, Any]]]:
    for page in pages:
        yield page


def made(name: Format, *pages: Sequence[dict[str, Any]]) -> bytes:
    return b"".join(asyncio.run(collected(EXPORTERS[name](), in_pages(*pages))))


def archive(data: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(data))
    assert found.testzip() is None
    return found


def table(*recipes: dict[str, Any]) -> list[dict[str, str]]:
    text = made("csv", [TOAST | recipe for recipe in recipes]).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cell(member: str, value: Any) -> str:
    (row,) = table({member: value})
    return row[member]


# --- All of them ---------------------------------------------------------------------------------


@each_format
def test_the_size_of_pages_makes_no_difference(name: Format) -> None:
    recipes = [TOAST | {"label": f"Toast {number}"} for number in range(7)]
    whole = made(name, recipes)
    assert made(name, recipes) == whole
    if name != "zip":
        assert made(name, recipes[:3], recipes[3:4], recipes[4:]) == whole


@each_format
def test_an_export_without_recipes_is_valid(name: Format) -> None:
    data = made(name)
    match name:
        case "ndjson":
            assert data == b""
        case "jsonld":
            assert json.loads(data) == {"@context": "https://schema.org", "@graph": []}
        case "csv":
            assert data == f"label,{','.join(DEFAULTS)}\r\n".encode()
        case "zip":
            assert archive(data).namelist() == ["manifest.json", "recipes.ndjson"]
        case "markdown":
            assert archive(data).namelist() == []


@each_format
def test_an_error_is_raised_and_everything_is_closed(name: Format) -> None:
    ended = []

    async def failing() -> AsyncGenerator[Sequence[dict[str, Any]]]:
        try:
            yield [TOAST]
            raise OSError("gone")
        finally:
            ended.append("failing")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(collected(EXPORTERS[name](), failing()))
    assert ended == ["failing"]


@each_format
def test_a_client_that_disconnects_ends_the_reading(name: Format) -> None:
    ended = []

    async def endless() -> AsyncGenerator[Sequence[dict[str, Any]]]:
        try:
            while True:
                yield [TOAST]
        finally:
            ended.append("endless")

    async def read_a_part() -> None:
        parts = export_stream(EXPORTERS[name](), endless())
        await anext(parts)
        await anext(parts)
        await parts.aclose()

    asyncio.run(read_a_part())
    assert ended == ["endless"]


@each_format
def test_fragments_are_written_like_their_values(name: Format) -> None:
    parts = ("tags", "ingredients", "steps", "nutrition", "extras")
    fragments = {part: orjson.Fragment(orjson.dumps(WHOLE[part])) for part in parts}
    assert made(name, [WHOLE | fragments]) == made(name, [WHOLE])


@each_format
def test_memory_does_not_grow_with_the_recipes(name: Format) -> None:
    async def many(pages: int) -> AsyncGenerator[Sequence[dict[str, Any]]]:
        for _ in range(pages):
            yield [WHOLE] * 10

    async def peak(pages: int) -> int:
        tracemalloc.start()
        async for _ in export_stream(EXPORTERS[name](), many(pages)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    asyncio.run(peak(1))
    few, more = asyncio.run(peak(5)), asyncio.run(peak(50))
    assert more < few * 1.2 + 50_000


# --- Each of them --------------------------------------------------------------------------------


def test_a_line_has_all_members_in_their_order() -> None:
    lines = made("ndjson", COMPLETE).decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == COMPLETE
    assert lines[-1] == ""
    assert lines[1] == (
        '{"label":"Toast","description":null,"url":null,"source":null,"author":null,'
        '"language":null,"prep_minutes":null,"cook_minutes":null,"total_minutes":null,'
        '"servings":null,"yield_text":null,"tags":[],"ingredients":[],"steps":[],'
        '"nutrition":null,"notes":null,"visibility":"public","extras":{}}'
    )


def test_the_zip_holds_the_lines_and_a_manifest() -> None:
    data = made("zip", COMPLETE[:1], COMPLETE[1:])
    files = archive(data)
    assert files.namelist() == ["manifest.json", "recipes.ndjson"]
    assert files.read("manifest.json") == b'{"format":"recipe-api","version":1}\n'
    assert files.read("recipes.ndjson") == made("ndjson", COMPLETE)
    assert {entry.date_time for entry in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_json_ld_has_one_context() -> None:
    parts = [to_schema_org(recipe) for recipe in COMPLETE]
    assert [part.pop("@context") for part in parts] == ["https://schema.org"] * 2
    expected = {"@context": "https://schema.org", "@graph": parts}
    assert json.loads(made("jsonld", COMPLETE[:1], COMPLETE[1:])) == expected


def test_a_page_of_markdown_for_each() -> None:
    labels = {
        "Crème brûlée à l’orange": "000001-creme-brulee-a-l-orange.md",
        "砂糖": "000002-recipe.md",
        "../../etc/passwd": "000003-etc-passwd.md",
        "C:\\x\n<b>": "000004-c-x-b.md",
        "x" * 200: f"000005-{'x' * 60}.md",
        f"{'x' * 59} y": f"000006-{'x' * 59}.md",
        "Toast": "000007-toast.md",
    }
    recipes = [TOAST | {"label": label} for label in labels]
    files = archive(made("markdown", recipes[:4], recipes[4:]))
    assert files.namelist() == list(labels.values())
    assert [files.read(name).decode() for name in files.namelist()] == list(
        map(to_markdown, recipes)
    )
    assert {entry.date_time for entry in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}


# --- CSV -----------------------------------------------------------------------------------------


def test_a_row_has_every_member() -> None:
    assert table(WHOLE) == [
        {
            "label": "Crème brûlée à l’orange",
            "description": "Custard under a lid of caramel.\nMade the day before.",
            "url": "https://example.com/recipes/creme-brulee?lang=fr#top",
            "source": "Example Kitchen",
            "author": "Zoë Łukasz",
            "language": "fr-CA",
            "prep_minutes": "20",
            "cook_minutes": "45",
            "total_minutes": "245",
            "servings": "4.5",
            "yield_text": "4 ramekins and a spoon",
            "tags": "cuisine:French\ncategory:Dessert\nkeyword:🍮",
            "ingredients": "## Custard\n1 ½–2 cups cream, cold\n##\na little orange zest",
            "steps": "## Custard\n\nThe base: Whisk.\n\n##\n\nBake,\n\tthen cool.",
            "nutrition": (
                "serving_size: 1 ramekin\ncalories: 410\ncarbohydrate_g: 28.25\n"
                "cholesterol_mg: 310\nfat_g: 30.5\nfiber_g: 0\nprotein_g: 6\n"
                "saturated_fat_g: 18\nsodium_mg: 55\nsugar_g: 26"
            ),
            "notes": "# Notes\n\n* Use *fresh* eggs.\n* 砂糖 works too.",
            "visibility": "unlisted",
            "extras": '{"paprika:uid":"F0-1","nested":{"b":[1,2.5,null,true],"a":{}},"":""}',
        }
    ]


def test_missing_values_are_empty_cells_but_zero_is_not() -> None:
    assert table({}) == [dict.fromkeys(DEFAULTS, "") | {"label": "Toast", "visibility": "public"}]
    assert cell("prep_minutes", 0) == "0"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
@pytest.mark.parametrize("member", ["label", "description", "source", "author", "notes"])
def test_a_cell_is_never_a_formula(member: str, begin: str) -> None:
    assert cell(member, f"{begin}HYPERLINK(1)") == f"'{begin}HYPERLINK(1)"


def test_a_line_in_a_cell_is_never_a_formula() -> None:
    step = {"text": "=1+1", "section": None, "name": None, "minutes": None}
    assert cell("steps", [step, step]) == "'=1+1\n\n'=1+1"
    assert cell("ingredients", [step]) == "'=1+1"
    assert cell("label", "1 = 1") == "1 = 1"


@pytest.mark.parametrize("separator", [";", "\t", "\n", "; "])
@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
def test_other_separators_make_no_formula(separator: str, begin: str) -> None:
    first = separator.rstrip(" ")
    rest = f"{separator[len(first) :]}{begin}cmd|/C calc!A0;x"
    assert cell("notes", f"soup{first}{rest}") == f"soup{first}'{rest}"


def test_commas_quotes_and_lines_stay_in_their_cells() -> None:
    label = 'Mac, "cheese"; & co'
    assert table({"label": label}, {"label": "b", "notes": "1\n2"})[0]["label"] == label


@pytest.mark.parametrize("name", ODD)
def test_odd_recipes_are_rows(name: str) -> None:
    assert len(table(ODD[name] | {"ingredients": []})) == 1


def test_a_step_is_a_paragraph() -> None:
    steps = [
        {"text": "Mix.\n\n\nRest.", "section": None, "name": "Mix", "minutes": 5},
        {"text": "Bake.", "section": "Oven", "name": "Last", "minutes": None},
    ]
    assert cell("steps", steps) == "Mix.\nRest.\n\n## Oven\n\nLast: Bake."


# --- Large archives ------------------------------------------------------------------------------


def test_an_archive_of_more_files_than_16_bits_count() -> None:
    count = 2**16 + 5
    files = ManyFilesZip()
    data = b"".join(files.add(f"{number}.md", b"") for number in range(count))
    data += b"".join(files.finish())
    files.close()
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert len(found.namelist()) == count
        assert found.read(f"{count - 1}.md") == b""
