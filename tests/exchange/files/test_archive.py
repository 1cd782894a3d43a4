import gzip
import os
import stat
import struct
import time
import tracemalloc
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import InvalidError
from app.exchange.drafts import Draft, Unreadable
from app.exchange.files import archive as archives
from app.exchange.files.archive import MAX_FILE_BYTES, Archive, gunzip, is_archive
from app.exchange.formats import mealie, mealie_backup, paprika, tandoor
from tests.exchange.archiving import archive_of, zipped

MIB = 2**20


def opened(data: bytes) -> Archive:
    return Archive(BytesIO(data))


@contextmanager
def within_bounds(memory: int = 64 * MIB) -> Iterator[None]:
    tracemalloc.start()
    started = time.process_time()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 4  # A second, were it not traced.
    assert peak < memory


# --- What is read --------------------------------------------------------------------------------


def test_files_are_read_by_name() -> None:
    archive = archive_of(
        {"b/recipe.json": {"a": 1}, "A.JSON": b"\xef\xbb\xbf[]", "c.txt": b"h\xe4"}
    )
    assert archive.names == ["b/recipe.json", "A.JSON", "c.txt"]
    assert archive.named("*.json") == ["b/recipe.json", "A.JSON"]
    assert archive.named("*recipe.json") == ["b/recipe.json"]
    assert archive.json("b/recipe.json") == {"a": 1}
    assert archive.text("A.JSON") == "[]"
    assert archive.text("c.txt") == "h\ufffd"


def test_files_of_operating_systems_are_left_out() -> None:
    names = (
        "__MACOSX/a.json",
        "._a.json",
        "x/._a.json",
        ".DS_Store",
        "x/.DS_Store",
        "x/",
        "a.json",
    )
    assert archive_of(dict.fromkeys(names, b"{}")).names == ["a.json"]


def test_an_archive_of_windows_has_the_same_names() -> None:
    data = zipped({"x/recipe.json": {}}).replace(b"x/recipe", b"x\\recipe")
    assert opened(data).named("*/recipe.json") == ["x/recipe.json"]


def test_files_may_be_gzipped() -> None:
    archive = archive_of({"a.gz": gzip.compress(b'{"a": 1}'), "b": b"\x1f\x8bno gzip"})
    assert archive.json("a.gz") == {"a": 1}
    with pytest.raises(InvalidError, match="damaged"):
        archive.unzipped("b")


def test_a_file_that_is_not_json_is_unreadable() -> None:
    archive = archive_of({"a.json": [1], "b.json": b"no", "c.json": {}})
    assert list(archive.values(archive.names)) == [
        ("a.json", [1]),
        ("b.json", Unreadable("b.json", "The file is not JSON.")),
        ("c.json", {}),
    ]


def test_lines_of_files_above_the_bound_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 10)
    archive = archive_of({"a": b"12345\n" * 100, "b": b"1\n12345678901\n"})
    assert list(archive.lines("a")) == [b"12345\n"] * 100
    with pytest.raises(InvalidError, match="more than"):
        list(archive.lines("b"))


@pytest.mark.parametrize("data", [zipped({}), zipped({"a": b""})])
def test_archives_are_known_by_their_beginning(data: bytes) -> None:
    assert is_archive(data[:4])
    assert len(opened(data).names) <= 1
    assert not is_archive(b"PK")
    assert not is_archive(b"{}")


# --- What is harmless ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "C:/x", "//host/x", "a\nb", "é"])
def test_a_name_is_not_used_as_a_path(name: str) -> None:
    archive = archive_of({name: b"mine"})
    assert archive.names == [name]
    assert archive.read(name) == b"mine"


def test_a_symbolic_link_is_read_as_text() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        info = zipfile.ZipInfo("recipe.json")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    assert opened(buffer.getvalue()).read("recipe.json") == b"/etc/passwd"


def test_the_last_of_two_files_with_one_name_counts() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("a", "last")
    archive = opened(buffer.getvalue())
    assert archive.names == ["a"]
    assert archive.read("a") == b"last"


def test_names_need_not_be_unicode() -> None:
    data = zipped({"abc": b"1"}).replace(b"abc", b"\xff\xfe\xfd")
    assert len(opened(data).names) == 1


# --- What is refused -----------------------------------------------------------------------------


def _patched(data: bytes, offset: int, value: bytes) -> bytes:
    """With a field of the first entry of the directory replaced."""
    start = data.index(b"PK\x01\x02") + offset
    return data[:start] + value + data[start + len(value) :]


def _overlapping() -> bytes:
    """Two entries of the directory that are one file."""
    data = zipped({"a": b"x" * 100})
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[start:end]
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(entry), start, 0)
    return data[:start] + 2 * entry + tail


def _claiming(count: int, size: int) -> bytes:
    """A large archive by its own account (ZIP64), of nothing."""
    big = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 30, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    return b"PK\x03\x04".ljust(30, b"\0") + big + locator + end


def _many(count: int) -> bytes:
    return zipped(dict.fromkeys(map(str, range(count)), b""), zipfile.ZIP_STORED)


def _with_long_extras() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for number in range(100):
            info = zipfile.ZipInfo(str(number))
            info.extra = b"\xfe\xca\0\0" * 10_000
            file.writestr(info, b"")
    return buffer.getvalue()


WHOLE = zipped({"a": b"content" * 10})
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "no archive": (lambda: b"PK\x03\x04 and nothing", "damaged"),
    "truncated": (lambda: WHOLE[: len(WHOLE) // 2], "damaged"),
    "without its begin": (lambda: WHOLE[20:], "damaged"),
    "encrypted": (lambda: _patched(WHOLE, 8, b"\x01\0"), "encrypted"),
    "compression unknown": (lambda: _patched(WHOLE, 10, b"\x63\0"), "not supported"),
    "compression not ours": (lambda: zipped({"a": b"x"}, zipfile.ZIP_BZIP2), "not supported"),
    "overlapping": (_overlapping, "overlap"),
    "larger than the archive": (lambda: _patched(WHOLE, 20, b"\xff\xff\0\0"), "overlap"),
    "name in no encoding": (
        lambda: zipped({"äöü": b""}).replace("äöü".encode(), b"\xff" * 6),
        "damaged",
    ),
    "50,000 files": (lambda: _many(50_000), "too many"),
    "4 billion files": (lambda: _claiming(2**32, 46 * 2**32), "damaged"),
    "4 billion files in nothing": (lambda: _claiming(2**32, 100), "damaged"),
    "long extra fields": (_with_long_extras, "damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_archive_is_refused_when_it_is_opened(name: str) -> None:
    make, reason = REFUSED[name]
    data = make()
    with within_bounds(), pytest.raises(InvalidError, match=reason):
        opened(data)


def test_the_maximum_number_of_files_is_read() -> None:
    assert len(opened(_many(archives.MAX_ENTRIES)).names) == archives.MAX_ENTRIES


@pytest.mark.parametrize("size", [MAX_FILE_BYTES + 1, 2 * MIB])
def test_a_file_that_holds_too_much_is_not_read(size: int) -> None:
    archive = archive_of({"a": bytes(size)})
    with within_bounds(memory=3 * MAX_FILE_BYTES), pytest.raises(InvalidError, match="more than"):
        archive.read("a")
    with within_bounds(memory=3 * MAX_FILE_BYTES), pytest.raises(InvalidError, match="more than"):
        deque(archive.lines("a"), maxlen=0)


def test_declared_sizes_are_not_trusted() -> None:
    archive = opened(_patched(zipped({"a": bytes(2 * MIB)}), 24, b"\x01\0\0\0"))
    with within_bounds(), pytest.raises(InvalidError, match="damaged"):
        archive.read("a")


def test_a_large_file_with_a_low_ratio_is_read() -> None:
    content = os.urandom(2 * MIB)
    assert archive_of({"a": content}).read("a") == content
    assert archive_of({"a": bytes(MIB)}).read("a") == bytes(MIB)


def test_a_compressed_file_that_holds_too_much_is_not_read() -> None:
    bomb = gzip.compress(bytes(MAX_FILE_BYTES * 4), 1)
    with within_bounds(memory=3 * MAX_FILE_BYTES):
        assert len(gunzip(bomb)) == MAX_FILE_BYTES + 1
    archive = archive_of({"a.paprikarecipe": bomb})
    with within_bounds(), pytest.raises(InvalidError, match="more than"):
        archive.unzipped("a.paprikarecipe")


def test_the_total_of_all_files_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives._Allowance, "left", 1000)
    inner = zipped({"a": bytes(300)})
    archive = archive_of({"0": bytes(500), "1": gzip.compress(bytes(300)), "2.zip": inner})
    archive.read("0")
    archive.unzipped("1")
    with pytest.raises(InvalidError, match="more than"):
        archive.nested("2.zip").read("a")
    with pytest.raises(InvalidError, match="more than"):
        archive.read("0")


def test_archives_are_nested_once_at_most() -> None:
    third = zipped({"a": b"1"})
    archive = archive_of({"2.zip": zipped({"3.zip": third}), "bad.zip": b"no"})
    inner = archive.nested("2.zip")
    assert inner.names == ["3.zip"]
    with pytest.raises(InvalidError, match="within archives"):
        inner.nested("3.zip")
    with pytest.raises(InvalidError, match="damaged"):
        archive.nested("bad.zip")


# --- What nobody has thought of ------------------------------------------------------------------

MEALIE = {"name": "Soup", "recipe_ingredient": [{"note": "salt"}], "slug": "soup"}
TANDOOR = {"name": "Soup", "steps": [], "working_time": 1}
PAPRIKA = {"name": "Soup", "ingredients": "a", "directions": "b", "source_url": ""}
SEEDS = [
    zipped({"soup.json": MEALIE, "original.webp": b"RIFF"}),
    zipped({"1.zip": zipped({"recipe.json": TANDOOR}), "2.zip": zipped({"recipe.json": {}})}),
    zipped({"Soup.paprikarecipe": gzip.compress(repr(PAPRIKA).replace("'", '"').encode())}),
    zipped({"database.json": {"recipes": [MEALIE], "recipes_ingredients": []}}),
]
READERS: list[Callable[[Archive], Any]] = [
    module.read_archive for module in (mealie, mealie_backup, paprika, tandoor)
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_archive_raises_nothing_else(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    damaged = damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))]
    try:
        archive = opened(bytes(damaged))
    except InvalidError:
        return
    for read in READERS:
        for draft in read(archive) or ():
            assert isinstance(draft, Draft | Unreadable)
