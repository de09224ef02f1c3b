"""The pages' styles and scripts, and the policy that lets no other script run."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files

_MARKS = "/* marks.js */\n"


def asset(name: str) -> str:
    """Return a file that lies beside this one, without the indentation that no page needs."""
    text = files("elision.views.html").joinpath(name).read_text(encoding="utf-8")
    return "".join(f"{line.strip()}\n" for line in text.splitlines())


def script(name: str) -> str:
    """Return a script with what all scripts share in its place."""
    return asset(name).replace(_MARKS, asset("marks.js"))


def policy(allowed: str) -> str:
    """Return a page's Content-Security-Policy: nothing from outside, no script but this one."""
    own = base64.b64encode(hashlib.sha256(allowed.encode()).digest()).decode()
    content = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{own}'"
    return f'<meta http-equiv="Content-Security-Policy" content="{escape(content)}">'
