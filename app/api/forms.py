"""The bodies of forms, read with bounds on what each part of them may cost."""

import logging
from contextlib import aclosing
from urllib.parse import unquote_to_bytes

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from app.core.bounds import INLINE_BODY, MAX_FORM_FIELDS, MAX_FORM_FILES, MAX_FORM_TEXT
from app.core.errors import InvalidError, MalformedError
from app.core.threads import compute

# It warns of each body that is no multipart, which the client is answered and the log shows.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

URLENCODED = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> FormData:
    """The form in the body; empty if the media type is none of a form. The caller closes it.

    Raises InvalidError if it has too many fields, and MalformedError if it cannot be parsed.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == URLENCODED:
        return await read_urlencoded(request)
    if media_type == "multipart/form-data":
        return await _read_multipart(request)
    return FormData()


async def read_urlencoded(request: Request) -> FormData:
    """The fields of a body in UTF-8; `BodyLimit` bounds its size. Raises InvalidError."""
    body = await request.body()
    if body.count(b"&") >= MAX_FORM_FIELDS:
        raise InvalidError(f"A form may have at most {MAX_FORM_FIELDS} fields.")
    # A mebibyte of percent-encoded octets takes Python a fifth of a second.
    return await compute(_parsed, body) if len(body) > INLINE_BODY else _parsed(body)


def _parsed(body: bytes) -> FormData:
    pairs = (field.partition(b"=") for field in body.split(b"&") if field)
    return FormData([(_decoded(name), _decoded(value)) for name, _, value in pairs])


def _decoded(text: bytes) -> str:
    return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")


class _BoundedParser(MultiPartParser):
    """Bounds all texts together, which are kept in memory; Starlette bounds each by itself."""

    _text = 0

    def on_part_end(self) -> None:
        super().on_part_end()
        _, value = self.items[-1]
        if isinstance(value, str):
            self._text += len(value)
            if self._text > MAX_FORM_TEXT:
                raise HTTPException(413)


async def _read_multipart(request: Request) -> FormData:
    async with aclosing(request.stream()) as stream:
        parser = _BoundedParser(
            request.headers,
            stream,
            max_files=MAX_FORM_FILES,
            max_fields=MAX_FORM_FIELDS,
            max_part_size=MAX_FORM_TEXT,
        )
        try:
            return await parser.parse()
        except MultiPartException as error:
            raise MalformedError(error.message) from None
