"""The table of all formats."""

import importlib
import pkgutil

from app.exchange import formats

READERS = {"read_json", "read_archive", "read_text"}


def test_every_module_of_a_format_is_in_the_table_once() -> None:
    names = [each.name for each in pkgutil.iter_modules(formats.__path__)]
    modules = [importlib.import_module(f"{formats.__name__}.{name}") for name in names]
    with_readers = {module.__name__ for module in modules if READERS & vars(module).keys()}
    listed = [module.__name__ for module in formats.FORMATS]
    assert with_readers <= set(listed)
    assert len(listed) == len(set(listed))


def test_every_format_in_the_table_can_read_something() -> None:
    for module in formats.FORMATS:
        assert READERS & vars(module).keys(), module.__name__
