"""Memory: what the process keeps of what was freed."""

from __future__ import annotations

import pytest

from elision import memory


def test_freed_memory_is_kept_where_the_c_library_can(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    class Library:
        def __init__(self, name: str) -> None:
            assert name == "libc.so.6"

        @staticmethod
        def mallopt(option: int, value: int) -> int:
            asked.append((option, value))
            return 1

    keep = memory.keep_freed_memory.__wrapped__
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", Library)
    monkeypatch.delenv("ELISION_KEEP_MEMORY", raising=False)
    assert keep()
    assert asked == [(-3, 1 << 30), (-1, (1 << 31) - 1)]
    monkeypatch.setenv("ELISION_KEEP_MEMORY", "0")
    assert not keep()
    monkeypatch.delenv("ELISION_KEEP_MEMORY")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert not keep()
    monkeypatch.setattr(memory.sys, "platform", "win32")
    assert not keep()
