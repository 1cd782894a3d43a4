"""What makes one JSON document of another: a JSON Patch (RFC 6902), found in linear time."""

from typing import Any

Operation = dict[str, Any]


def diff(old: Any, new: Any, path: str = "") -> list[Operation]:
    """The operations that make `new` of `old`.

    Lists are compared from both ends, and what is left in the middle place by place: the shortest
    patch would take time that grows with the square of their lengths.
    """
    if _same(old, new):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        return _diff_objects(old, new, path)
    if isinstance(old, list) and isinstance(new, list):
        return _diff_lists(old, new, path)
    return [{"op": "replace", "path": path, "value": new}]


def _diff_objects(old: dict[str, Any], new: dict[str, Any], path: str) -> list[Operation]:
    operations: list[Operation] = []
    for name in old | new:
        place = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in new:
            operations.append({"op": "remove", "path": place})
        elif name not in old:
            operations.append({"op": "add", "path": place, "value": new[name]})
        else:
            operations += diff(old[name], new[name], place)
    return operations


def _diff_lists(old: list[Any], new: list[Any], path: str) -> list[Operation]:
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if not _same(old[i], new[i])), shorter)
    end = 0
    while end < shorter - start and _same(old[-1 - end], new[-1 - end]):
        end += 1
    common = shorter - end
    operations: list[Operation] = []
    for i in range(start, common):
        operations += diff(old[i], new[i], f"{path}/{i}")
    # What is removed makes the next one take its place.
    removed = len(old) - end - common
    operations += [{"op": "remove", "path": f"{path}/{common}"} for _ in range(removed)]
    for i in range(common, len(new) - end):
        operations.append({"op": "add", "path": f"{path}/{i}", "value": new[i]})
    return operations


def _same(old: Any, new: Any) -> bool:
    """Whether two are the same JSON, where 1 and true are not; objects have no order."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(old[name], new[name]) for name in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)
