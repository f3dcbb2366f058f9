"""Optional parts: imported when used, and where they are absent the error names what installs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kg.errors import KgError


def needed(module: str, extra: str) -> Any:
    """Return a module of an optional part; KgError naming the part where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise KgError(
            f"{module.partition('.')[0]} is not installed", f"pip install 'compliance-kg[{extra}]'"
        ) from error
