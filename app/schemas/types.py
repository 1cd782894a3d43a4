"""Shared field types. Both databases can store every value they accept."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AnyUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    UrlConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from app.core.password_rules import is_common
from app.core.security import MAX_PASSWORD
from app.core.text import MAX_EMAIL, clean, email_key, is_blank, url_key

MAX_ID = 2**63 - 1
MAX_VERSION = 2**31 - 1
MAX_NUMBER = 1_000_000_000
MAX_MINUTES = 10_000_000
# The control characters that `clean` refuses, as a JSON Schema pattern.
_CONTROLS = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
_TEXT = f"^[^{_CONTROLS}]*$"
_NOT_BLANK = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")
# Not HttpUrl, which counts the escaped length.
_http_url: TypeAdapter[AnyUrl] = TypeAdapter(
    Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"], host_required=True)]
)


class RequestModel(BaseModel):
    """Base of request bodies: strict types, no unknown members."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class ResponseModel(BaseModel):
    """Base of response bodies. The data is valid, so the types are plain and fast."""

    model_config = ConfigDict(from_attributes=True)


@dataclass(frozen=True)
class Text:
    """Text in NFC, without control characters except newline and tab.

    Lengths are in characters, after normalisation. Invisible text counts as empty.
    """

    maximum: int
    minimum: int = 0

    def check(self, value: str) -> str:
        """Return `value` normalised, or raise a validation error."""
        if not (value.isascii() and value.isprintable()):  # Printable ASCII is clean.
            try:
                value = clean(value)
            except ValueError as error:
                raise PydanticCustomError("text", "{reason}", {"reason": str(error)}) from None
        if len(value) > self.maximum:
            raise PydanticKnownError("string_too_long", {"max_length": self.maximum})
        if self.minimum and (len(value) < self.minimum or is_blank(value)):
            raise PydanticKnownError("string_too_short", {"min_length": self.minimum})
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        bounds = {"maxLength": self.maximum} | ({"minLength": self.minimum} if self.minimum else {})
        return {**handler(schema), **bounds, "pattern": _NOT_BLANK if self.minimum else _TEXT}


def _check_url(value: str) -> str:
    try:
        if any(char.isspace() for char in value):
            raise ValueError
        _http_url.validate_python(value)
        url_key(value)
    except ValueError:  # As is ValidationError.
        raise PydanticCustomError("url", "must be an http or https URL") from None
    return value


def _check_email(value: str) -> str:
    try:
        email_key(value)
    except ValueError:
        raise PydanticCustomError("email", "must be an e-mail address") from None
    return value


def _check_password(value: str) -> str:
    if not 8 <= len(value.encode()) <= MAX_PASSWORD:
        raise PydanticCustomError("password", "must be 8 to 1,024 bytes long")
    if value.isspace():
        raise PydanticCustomError("blank_password", "must not be blank")
    if is_common(value):
        raise PydanticCustomError(
            "common_password", "is among the passwords that are tried first, or nearly"
        )
    return value


def _check_digits(value: str) -> str:
    # One spelling per number, so that a recipe has one URL.
    if not re.fullmatch("[1-9][0-9]*", value):
        raise PydanticCustomError("id", "must be an id: digits, without a leading zero")
    return value


def _check_written(value: object) -> object:
    # Pydantic would accept a bare number as a Unix time.
    if not isinstance(value, datetime) and not _WRITTEN.match(str(value)):
        raise PydanticCustomError("moment", "must be a date and a time (RFC 3339)")
    return value


def whole(value: float) -> float:
    """Return a whole float as an int, so that it is written as `2`."""
    return int(value) if value.is_integer() else value


def _integer(value: Any) -> Any:
    return whole(value) if isinstance(value, float) else value


# JSON Schema counts 1.0 as an integer, and many programs write it.
Integral = BeforeValidator(_integer)
Id = Annotated[int, Field(ge=1, le=MAX_ID, description="An id. Ids are never reused."), Integral]
PathId = Annotated[Id, BeforeValidator(_check_digits)]
VersionNumber = Annotated[int, Field(ge=1, le=MAX_VERSION), Integral]
PathVersion = Annotated[VersionNumber, BeforeValidator(_check_digits)]
Name = Annotated[str, Text(256)]
Url = Annotated[
    str, Text(2048, 1), AfterValidator(_check_url), Field(json_schema_extra={"format": "uri"})
]
Email = Annotated[
    str,
    Text(MAX_EMAIL, 1),
    AfterValidator(_check_email),
    Field(json_schema_extra={"format": "email"}),
]
Password = Annotated[
    str,
    AfterValidator(_check_password),
    # Eight bytes are at least two characters.
    Field(
        json_schema_extra={"format": "password"},
        min_length=2,
        max_length=MAX_PASSWORD,
        description="8 to 1,024 bytes in UTF-8. Not blank, not one of the most common ones or a"
        " simple variation, and not your e-mail address or name.",
    ),
]
ShareKey = Annotated[
    str,
    Field(
        max_length=64,
        description="The key of the share link, which opens an unlisted recipe.",
    ),
]
Written = BeforeValidator(_check_written)
Timestamp = Annotated[datetime, Field(strict=False), Written]
Quantity = Annotated[float, Field(ge=0, le=MAX_NUMBER, allow_inf_nan=False), AfterValidator(whole)]
Minutes = Annotated[int, Field(ge=0, le=MAX_MINUTES), Integral]
Language = Annotated[
    str,
    Field(
        max_length=35,
        pattern=r"^([A-Za-z]{2,8}|[xXiI]-[A-Za-z0-9]{1,8})(-[A-Za-z0-9]{1,8})*$",
        description="A language tag (BCP 47), such as `en` or `pt-BR`.",
    ),
]
