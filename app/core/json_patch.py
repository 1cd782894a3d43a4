"""JSON Patch (RFC 6902) and JSON Merge Patch (RFC 7396)."""

from collections.abc import Mapping
from typing import Any

PatchOperation = dict[str, Any]


def make_patch(old: Any, new: Any, path: str = "") -> list[PatchOperation]:
    """Return the JSON Patch that turns `old` into `new`, in linear time.

    Lists are matched from both ends and the rest index by index: the shortest patch would take
    quadratic time.
    """
    if _equal(old, new):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        return _patch_object(old, new, path)
    if isinstance(old, list) and isinstance(new, list):
        return _patch_list(old, new, path)
    return [{"op": "replace", "path": path, "value": new}]


def _patch_object(old: dict[str, Any], new: dict[str, Any], path: str) -> list[PatchOperation]:
    operations: list[PatchOperation] = []
    for name in old | new:
        member = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in new:
            operations.append({"op": "remove", "path": member})
        elif name not in old:
            operations.append({"op": "add", "path": member, "value": new[name]})
        else:
            operations += make_patch(old[name], new[name], member)
    return operations


def _patch_list(old: list[Any], new: list[Any], path: str) -> list[PatchOperation]:
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if not _equal(old[i], new[i])), shorter)
    end = 0
    while end < shorter - start and _equal(old[-1 - end], new[-1 - end]):
        end += 1
    common = shorter - end
    operations: list[PatchOperation] = []
    for i in range(start, common):
        operations += make_patch(old[i], new[i], f"{path}/{i}")
    # Each removal moves the next item to the same index.
    removed = len(old) - end - common
    operations += [{"op": "remove", "path": f"{path}/{common}"} for _ in range(removed)]
    for i in range(common, len(new) - end):
        operations.append({"op": "add", "path": f"{path}/{i}", "value": new[i]})
    return operations


def _equal(old: Any, new: Any) -> bool:
    """Compare JSON values: 1 differs from true and from 1.0, the order of members is ignored."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_equal(old[name], new[name]) for name in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_equal, old, new))
    return bool(old == new)


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` with the JSON Merge Patch `patch` applied; neither is modified."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged
