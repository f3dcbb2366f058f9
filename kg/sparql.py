r"""Is a SPARQL text safe to hand to the engine? Read-only, asking nobody else, and not nested to death.

The engine would call out for SERVICE, and overflows its stack on deep nesting, which no handler can catch. So
both are refused on the text, by a scanner with the token rules of SPARQL 1.1 (19.8). Where one text can be read
in two ways, it errs on the side of refusing: escapes like `\u0053` are looked at both as they stand and decoded,
and `?a<1)SERVICE#>` is an IRI to a scanner, but a comparison, a keyword and a comment to the engine.
"""

from __future__ import annotations

import re

from kg.errors import QueryError, RefusedError

DEPTH = 100
TOKENS = 10_000

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = f"{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040"  # PN_CHARS without the hyphen
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
_TOKEN = re.compile(
    rf"""
    (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*>)
  | (?P<string>\"{{3}}(?:\"{{0,2}}(?:[^"\\]|\\.))*\"{{3}} | '{{3}}(?:'{{0,2}}(?:[^'\\]|\\.))*'{{3}}
              | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$][{_BASE}_0-9][{_NAME}]*)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<blank>_:[{_BASE}_0-9](?:[{_NAME}.-]*[{_NAME}-])?)
  | (?P<prefix>[{_BASE}](?:[{_NAME}.-]*[{_NAME}-])?)?:
    (?:(?:[{_BASE}_0-9:]|{_ESCAPED})(?:(?:[{_NAME}.:-]|{_ESCAPED})*(?:[{_NAME}:-]|{_ESCAPED}))?)?(?P<name>)
  | (?P<word>[{_BASE}_][{_NAME}]*)
  | (?P<number>[0-9]+)
  | (?P<open>[({{\[])
  | (?P<close>[)}}\]])
  | (?P<sign>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATES = frozenset({"insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with"})
_READS = frozenset({"select", "ask", "construct", "describe"})
_REFUSED = (*sorted(_UPDATES), "service")
# Before a name that an opening brace follows, these say that it is a name; `SERVICE:x {` would be an order.
_NAMING = frozenset({"graph", "from", "named", "describe"})
# No expression begins like this, so `<` cannot be the sign of a comparison there.
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://")
_NO_SERVICE = "SERVICE is refused: no query may ask another server"


def screen(text: str, *, depth: int = DEPTH, tokens: int = TOKENS) -> None:
    """Let a query pass that may be run; QueryError with the place of what is refused.

    Refused are updates and SERVICE (RefusedError), brackets nested more deeply than `depth`, and more than
    `tokens` words and signs, those between the braces of VALUES not counted.
    """
    if _is_harmless(text, depth, tokens):
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise QueryError("the query holds half a character (a lone surrogate)") from None
    # Escaped characters may spell a keyword before they are read, or end a string after it: both are scanned.
    _scan(text, depth, tokens)
    if "\\" in text and (plain := _CODE_POINT.sub(_character, text)) != text:
        _scan(plain, depth, tokens)


def _is_harmless(text: str, depth: int, tokens: int) -> bool:
    """Whether a text can be seen to pass without being taken apart, as most queries can.

    It spells none of the refused words anywhere, every word and sign takes a character, and no bracket is
    nested more deeply than there are opening ones.
    """
    if len(text) > tokens or not text.isascii() or "\\" in text:
        return False
    if text.count("{") + text.count("(") + text.count("[") > depth:
        return False
    plain = text.lower()
    for word in _REFUSED:  # noqa: SIM110  (most queries come here, and a generator takes as long as all this)
        if word in plain:
            return False
    return True


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def _scan(text: str, depth: int, tokens: int) -> None:
    """Raise QueryError where a text must not be run."""
    wary = "service" in text.lower()
    open_brackets: list[int] = []
    count = 0
    reads = False
    last = ""  # the word before, if the token before is one
    data = 0  # the depth at which the braces of VALUES were opened
    values = False
    for match in _TOKEN.finditer(text):
        kind, said = match.lastgroup, match[0]
        if kind == "comment":
            continue
        if not data:
            count += 1
        if count > tokens:
            raise _refused(f"the query is longer than {tokens:,} words and signs", text, match.start())
        word = said.lower() if kind == "word" else ""
        if kind == "open":
            open_brackets.append(match.start())
            if len(open_brackets) > depth:
                raise _refused(f"brackets are nested more than {depth} deep", text, match.start())
            if values and said == "{":
                data, values = len(open_brackets), False
        elif kind == "close" and open_brackets:
            if data == len(open_brackets):
                data = 0
            open_brackets.pop()
        elif word:
            if wary and "service" in word:
                raise _forbidden(_NO_SERVICE, text, match.start())
            if word in _UPDATES and not reads:
                raise _forbidden("updates are refused: the graph is read-only", text, match.start())
            reads = reads or word in _READS
            values = word == "values"
        elif wary and kind == "iri" and not _ABSOLUTE.match(said) and _may_compare(said):
            raise _forbidden("this IRI cannot be told from a SERVICE in disguise", text, match.start())
        elif wary and kind == "name" and last not in _NAMING and _orders(text, match):
            raise _forbidden(_NO_SERVICE, text, match.start())
        last = word


def _may_compare(said: str) -> bool:
    """Whether what looks like an IRI may be a comparison, a string or comment that begins in it hiding the rest."""
    return "'" in said or (")" in said and "#" in said)


def _orders(text: str, match: re.Match[str]) -> bool:
    """Whether a prefixed name may be the keyword and the name of a server: `SERVICE:x {`."""
    return "service" in (match["prefix"] or "").lower() and _opens(text, match.end())


def _opens(text: str, position: int) -> bool:
    """Whether the next token is an opening brace."""
    for match in _TOKEN.finditer(text, position):
        if match.lastgroup != "comment":
            return match[0] == "{"
    return False


def _refused(message: str, text: str, position: int) -> QueryError:
    line, column = _place(text, position)
    return QueryError(message, line=line, column=column)


def _forbidden(message: str, text: str, position: int) -> RefusedError:
    line, column = _place(text, position)
    return RefusedError(message, line=line, column=column)


def _place(text: str, position: int) -> tuple[int, int]:
    """Return line and column of a position, from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
