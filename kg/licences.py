"""Which licences forbid derivatives, by the addresses under which they are known."""

from __future__ import annotations

# Of Creative Commons, and of SPDX.
_NO_DERIVATIVES = ("-nd/", "-nd-")


def forbids_derivatives(address: str) -> bool:
    """Return whether the licence at an address forbids to hand on what was made from the work.

    >>> forbids_derivatives("https://creativecommons.org/licenses/by-nd/4.0/")
    True
    """
    return any(sign in f"{address.lower()}/" for sign in _NO_DERIVATIVES)
