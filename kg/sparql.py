"""Is a SPARQL text safe to hand to the engine? Read-only, asking nobody else, and not nested to death.

The engine would call out for SERVICE, and overflows its stack on deep nesting, which no handler can catch. So
both are refused on the text, by a scanner that errs on the side of refusing.
"""

from __future__ import annotations

import re

from kg.errors import QueryError

DEPTH = 100
TOKENS = 10_000

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
              | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d_][\w.-]*)?:(?:[\w.:%-]|\\.)*)
  | (?P<word>[^\W\d]\w*)
  | (?P<open>[({\[])
  | (?P<close>[)}\]])
  | (?P<sign>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_UPDATES = frozenset({"insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with"})
_READS = frozenset({"select", "ask", "construct", "describe"})
# `?a<1)SERVICE#>`: an IRI to a scanner, a comparison, a keyword and a comment to the engine.
_DISGUISED = re.compile(r"\).*service.*#", re.IGNORECASE | re.DOTALL)


def screen(text: str, *, depth: int = DEPTH, tokens: int = TOKENS) -> None:
    """Let a query pass that may be run; QueryError with the place of what is refused.

    Refused are updates, SERVICE, brackets nested more deeply than `depth`, and more than `tokens` words and
    signs, those between the braces of VALUES not counted.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise QueryError("the query holds half a character (a lone surrogate)") from None
    # Escaped characters may spell a keyword before they are read, or end a string after it: both are scanned.
    plain = _CODE_POINT.sub(_character, text)
    for each in {text, plain}:
        _scan(each, depth, tokens)


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def _scan(text: str, depth: int, tokens: int) -> None:
    """Raise QueryError where a text must not be run."""
    open_brackets: list[int] = []
    count = 0
    reads = values = False
    data = 0  # the depth at which the braces of VALUES were opened
    for match in _TOKEN.finditer(text):
        kind, said = match.lastgroup, match[0]
        if kind == "comment":
            continue
        if not data:
            count += 1
        if count > tokens:
            raise _refused(f"the query is longer than {tokens:,} words and signs", text, match.start())
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
        elif kind == "word":
            word = said.lower()
            if "service" in word:
                raise _refused("SERVICE is refused: no query may ask another server", text, match.start())
            if word in _UPDATES and not reads:
                raise _refused("updates are refused: the graph is read-only", text, match.start())
            reads = reads or word in _READS
            values = word == "values"
        elif kind == "name" and "service" in said.lower() and _opens(text, match.end()):
            raise _refused("SERVICE is refused: no query may ask another server", text, match.start())
        elif kind == "iri" and _DISGUISED.search(said):
            raise _refused("this IRI cannot be told from a SERVICE in disguise", text, match.start())


def _opens(text: str, position: int) -> bool:
    """Whether the next token is an opening brace."""
    for match in _TOKEN.finditer(text, position):
        if match.lastgroup != "comment":
            return match[0] == "{"
    return False


def _refused(message: str, text: str, position: int) -> QueryError:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return QueryError(message, line=line, column=column)
