"""Where ontology/, shapes/, notebooks/ and the samples are: in a wheel beside the code, in a checkout at the top."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_ASSETS = _PACKAGE / "_assets"


def ontology() -> Path:
    """Return the folder of the ontology and the registries."""
    return _ASSETS / "ontology" if _ASSETS.is_dir() else _PACKAGE.parent / "ontology"


def shapes() -> Path:
    """Return the folder of the shapes."""
    return _ASSETS / "shapes" if _ASSETS.is_dir() else _PACKAGE.parent / "shapes"


def samples() -> Path:
    """Return the folder of the bundled sample documents."""
    return _ASSETS / "samples" if _ASSETS.is_dir() else _PACKAGE.parent / "tests" / "data" / "offerings"


def notebooks() -> Path:
    """Return the folder of the analyst notebooks."""
    return _ASSETS / "notebooks" if _ASSETS.is_dir() else _PACKAGE.parent / "notebooks"
