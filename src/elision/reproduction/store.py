"""Explanations kept in files as they are made, so that a study goes on where it stopped and tables share them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from elision.errors import ElisionError, OptionError
from elision.results.explanation import Explanation
from elision.text import Example


class ExplanationStore:
    """One JSON-lines file: a header with the settings, then an explanation a line.

    The file's name has a digest of the settings, so that other settings, another model's weights or another version
    have another file. A last line that was cut short is dropped.

    Args:
        folder: where the file lies; it is made with the first explanation.
        settings: all that an explanation depends on but its example.
    Raises:
        OptionError: the file is there and is no such file.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._header = json.dumps(settings, sort_keys=True, ensure_ascii=False)
        self.file = folder / f"{label_of(settings)}-{digest_of(settings)}.jsonl"
        self._known: dict[tuple[str, ...], Explanation] = {}
        self._headed = False
        self._rest = 0
        if self.file.exists():
            self._read()

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, example: Example) -> bool:
        return _key(example) in self._known

    def __getitem__(self, example: Example) -> Explanation:
        return self._known[_key(example)]

    def add(self, explanation: Explanation) -> None:
        """Keep an explanation; when this returns it is in the file.

        Raises:
            OptionError: the file cannot be written.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self._rest:
                os.truncate(self.file, self.file.stat().st_size - self._rest)
                self._rest = 0
            lines = [] if self._headed else [self._header]
            with self.file.open("ab") as out:
                out.write("".join(f"{line}\n" for line in (*lines, explanation.to_json(indent=None))).encode())
            self._headed = True
        except OSError as error:
            raise OptionError(f"cannot write {str(self.file)!r}: {error.strerror or error}") from error
        self._known[explanation.segments] = explanation

    def _read(self) -> None:
        try:
            lines = self.file.read_bytes().splitlines(keepends=True)
        except OSError as error:
            raise OptionError(f"cannot read {str(self.file)!r}: {error.strerror or error}") from error
        for number, line in enumerate(lines):
            if not line.endswith(b"\n"):
                self._rest = len(line)
                return
            try:
                text = line.decode().rstrip("\n")
                # Two studies that begin at once may both write the header.
                if text == self._header:
                    self._headed = True
                elif not self._headed:
                    raise OptionError("its first line has other settings")
                else:
                    explanation = Explanation.from_json(text)
                    self._known[explanation.segments] = explanation
            except (ElisionError, ValueError) as error:
                raise OptionError(
                    f"{str(self.file)!r}, line {number + 1}, is no line of a study's explanations; remove the file"
                ) from error


def digest_of(settings: Mapping[str, Any]) -> str:
    """Return ten hexadecimal digits that stand for settings."""
    return blake2b(json.dumps(settings, sort_keys=True, ensure_ascii=False).encode(), digest_size=5).hexdigest()


def label_of(settings: Mapping[str, Any]) -> str:
    """Return what a file's name says of settings."""
    parts = (str(settings[name]) for name in ("model", "method", "units") if name in settings)
    return re.sub(r"[^\w.@-]+", "-", "_".join(parts)).strip("-").lower()


def _key(example: Example) -> tuple[str, ...]:
    return example if isinstance(example, tuple) else (example,)
