"""The tables. Importing this package imports every module in it, so the metadata is complete."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__, f"{__name__}."):
    import_module(_module.name)
