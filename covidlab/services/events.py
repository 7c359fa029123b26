"""Server-sent events, and the difference of two JSON values as a few steps."""

import json
import math


def event(kind: str, content: dict, event_id: str) -> bytes:
    """Return one server-sent event (WHATWG HTML, "Server-sent events") with its content as JSON."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return f"id: {event_id}\nevent: {kind}\ndata: {text}\n\n".encode()


def patch(before: object, after: object, path: tuple = ()) -> list[list]:
    """Return steps [path, "set" | "append" | "remove", value] that turn one JSON value into another.

    A list that only grew is appended to, so that a curve of a hundred epochs costs one point and not a hundred.
    """
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        steps = [[[*path, key], "remove", None] for key in before if key not in after]
        for key, value in after.items():
            steps += patch(before[key], value, (*path, key)) if key in before else [[[*path, key], "set", value]]
        return steps
    if isinstance(before, list) and isinstance(after, list):
        if before and (appended := _appended(before, after)):
            return [[list(path), "append", appended]]
        if len(before) == len(after) and all(isinstance(value, dict) for value in [*before, *after]):
            pairs = enumerate(zip(before, after, strict=True))
            return [step for place, pair in pairs for step in patch(*pair, (*path, place))]
    return [[list(path), "set", after]]


def jsonable(value: object) -> object:
    """Plain JSON of nested values: arrays become lists, what is not finite becomes None."""
    if isinstance(value, dict):
        return {name: jsonable(each) for name, each in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | None):
        return value
    if hasattr(value, "tolist"):
        return jsonable(value.tolist())
    return [jsonable(each) for each in value]


def _appended(before: list, after: list) -> list | None:
    """What a list has got at its end; None where it did not only grow."""
    return after[len(before) :] if after[: len(before)] == before else None
