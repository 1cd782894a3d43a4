"""ZIP archives for tests."""

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from app.exchange.files.archive import Archive


def zipped(files: Mapping[str, Any], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of files with bytes, or with what becomes their JSON."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            is_bytes = isinstance(content, bytes)
            archive.writestr(name, content if is_bytes else json.dumps(content).encode())
    return buffer.getvalue()


def archive_of(files: Mapping[str, Any]) -> Archive:
    """The same, opened."""
    return Archive(BytesIO(zipped(files)))
