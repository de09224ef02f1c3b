"""Examples: a text, or a pair of texts."""

from __future__ import annotations

from elision.errors import ExampleError
from elision.text.units import is_visible

Example = str | tuple[str, str]

_PLACES = {1: ("the text",), 2: ("the first text", "the second text")}


def check_example(example: object) -> tuple[str, ...]:
    """Return the example's segments, one or two texts.

    Args:
        example: a text, or a pair of texts.
    Returns:
        One text or two.
    Raises:
        ExampleError: it is no text and no pair of texts, or a text is empty.
    """
    segments = example if isinstance(example, tuple | list) else (example,)
    if len(segments) not in (1, 2) or (isinstance(example, tuple | list) and len(segments) != 2):
        raise ExampleError(f"an example is one text or a pair of texts, got {len(segments)} items")
    for place, segment in zip(_PLACES[len(segments)], segments, strict=True):
        if not isinstance(segment, str):
            raise ExampleError(f"a text must be a str, got {type(segment).__name__}")
        if not _encodable(segment):
            raise ExampleError("the text holds lone surrogates, which are no characters; decode it as UTF-8 first")
        if not is_visible(segment):
            raise ExampleError(f"{place} is empty: it must hold at least one visible character, got {segment[:20]!r}")
    return tuple(segments)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
