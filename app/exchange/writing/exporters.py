"""Write any number of recipes as one file of a format, while it is sent."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, closing
from typing import Any, ClassVar, Literal

import orjson
from orjson import Fragment

from app.core.text import fold
from app.core.threads import low_priority_threads
from app.exchange.schema_org.writing import to_schema_org
from app.exchange.writing import csv_rows
from app.exchange.writing.markdown import to_markdown
from app.exchange.writing.zip_stream import LargeFileZip, ManyFilesZip

Format = Literal["ndjson", "jsonld", "zip", "csv", "markdown"]
Recipe = dict[str, Any]
"""The members of RecipeDocument in order; those that are JSON may be orjson fragments."""

# More threads would not be faster, because they hold the GIL, and would delay the event loop.
_threads = low_priority_threads(1, "export")

MANIFEST = {"format": "recipe-api", "version": 1}
_SLUG_LENGTH = 60


class Exporter(ABC):
    """Writes one file; each method returns the next bytes."""

    media_type: ClassVar[str]
    filename: ClassVar[str]

    def start(self) -> bytes:
        """Return what comes before the first recipe."""
        return b""

    @abstractmethod
    def add(self, recipes: Sequence[Recipe]) -> bytes:
        """Return the bytes of one or more recipes."""

    def end(self) -> Iterator[bytes]:
        """Yield what comes after the last recipe."""
        return iter(())

    def close(self) -> None:  # noqa: B027 - Most of them hold nothing.
        """Release resources, even if the end was never reached."""


async def export_stream(
    exporter: Exporter, pages: AsyncGenerator[Sequence[Recipe]]
) -> AsyncGenerator[bytes]:
    """Yield the file of these recipes; the first bytes come once the first page has been read.

    A page takes about ten milliseconds to write. All exports take turns in one thread.
    """
    loop = asyncio.get_running_loop()
    with closing(exporter):
        beginning = exporter.start()
        async with aclosing(pages):
            async for page in pages:
                yield beginning + await loop.run_in_executor(_threads, exporter.add, page)
                beginning = b""
        yield beginning
        for part in exporter.end():
            yield part


def _lines(recipes: Sequence[Recipe]) -> bytes:
    option = orjson.OPT_APPEND_NEWLINE
    return b"".join([orjson.dumps(recipe, option=option) for recipe in recipes])


def _parsed(recipes: Sequence[Recipe]) -> Iterator[Recipe]:
    """Yield the recipes with fragments parsed, except for `extras`."""
    for recipe in recipes:
        yield {
            name: orjson.loads(orjson.dumps(value)) if _is_fragment(name, value) else value
            for name, value in recipe.items()
        }


def _is_fragment(name: str, value: Any) -> bool:
    return type(value) is Fragment and name != "extras"


class NdJson(Exporter):
    """One recipe a line, with all its members. An import of it gives the same recipes."""

    media_type = "application/x-ndjson"
    filename = "recipes.ndjson"

    def add(self, recipes: Sequence[Recipe]) -> bytes:
        return _lines(recipes)


class JsonLd(Exporter):
    """schema.org/Recipe."""

    media_type = "application/ld+json"
    filename = "recipes.jsonld"
    _between = b"\n"

    def start(self) -> bytes:
        return b'{"@context":"https://schema.org","@graph":['

    def add(self, recipes: Sequence[Recipe]) -> bytes:
        parts = []
        for recipe in map(to_schema_org, _parsed(recipes)):
            del recipe["@context"]
            parts += [self._between, orjson.dumps(recipe)]
            self._between = b",\n"
        return b"".join(parts)

    def end(self) -> Iterator[bytes]:
        yield b"\n]}\n"


class Zip(Exporter):
    """The lines of NDJSON in an archive with a manifest."""

    media_type = "application/zip"
    filename = "recipes.zip"

    def __init__(self) -> None:
        manifest = orjson.dumps(MANIFEST, option=orjson.OPT_APPEND_NEWLINE)
        self._zip = LargeFileZip("manifest.json", manifest, NdJson.filename)

    def add(self, recipes: Sequence[Recipe]) -> bytes:
        return self._zip.write(_lines(recipes))

    def end(self) -> Iterator[bytes]:
        yield self._zip.close()

    def close(self) -> None:
        self._zip.close()


class Csv(Exporter):
    """A table for spreadsheets, one recipe a row."""

    media_type = "text/csv"
    filename = "recipes.csv"

    def start(self) -> bytes:
        return csv_rows.header()

    def add(self, recipes: Sequence[Recipe]) -> bytes:
        return csv_rows.rows(_parsed(recipes))


class Markdown(Exporter):
    """An archive with one page a recipe, for people to read."""

    media_type = "application/zip"
    filename = "recipes-markdown.zip"

    def __init__(self) -> None:
        self._zip = ManyFilesZip()
        self._number = 0

    def add(self, recipes: Sequence[Recipe]) -> bytes:
        return b"".join(map(self._file, _parsed(recipes)))

    def _file(self, recipe: Recipe) -> bytes:
        self._number += 1
        slug = re.sub(r"[^a-z0-9]+", "-", fold(recipe["label"])).strip("-")
        name = f"{self._number:06}-{slug[:_SLUG_LENGTH].rstrip('-') or 'recipe'}.md"
        return self._zip.add(name, to_markdown(recipe).encode())

    def end(self) -> Iterator[bytes]:
        return self._zip.finish()

    def close(self) -> None:
        self._zip.close()


EXPORTERS: dict[Format, type[Exporter]] = {
    "ndjson": NdJson,
    "jsonld": JsonLd,
    "zip": Zip,
    "csv": Csv,
    "markdown": Markdown,
}
