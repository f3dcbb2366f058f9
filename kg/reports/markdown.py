"""A report as Markdown: every text escaped, sources numbered at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.hypertext import linked
from kg.reports.model import Page, Section, Source, Statement

_MEANT = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$^=:@/\"'])")
_SPACE = re.compile(r"\s+")
_NOT_IN_ADDRESS = re.compile(r"[\s<>\\()\[\]`|*_~]")


def text(page: Page) -> str:
    """Return a report as CommonMark with a table of its sources, as GitHub has tables."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield f"# {escaped(page.title)}"
    yield ""
    if page.iri:
        yield f"- {escaped(page.iri)}"
    yield from (f"- {escaped(name)}: {escaped(value)}" for name, value in page.facts)
    for section in page.sections:
        yield from _section(section)
    yield from _sources(page.sources)


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {escaped(section.title)}", "")
    if section.note:
        yield from (escaped(section.note), "")
    if not section.groups:
        yield "The graph says nothing of this."
    for number, group in enumerate(section.groups):
        if group.heading:
            yield from ([""] if number else [])
            yield from (f"### {escaped(group.heading)}", "")
        yield from (f"- {_statement(each)}" for each in group.statements)


def _statement(said: Statement) -> str:
    words = escaped(said.words)
    if linked(said.link):
        address = _NOT_IN_ADDRESS.sub(
            lambda sign: "".join(f"%{byte:02X}" for byte in sign[0].encode()), said.link
        )
        words = f"[{words}](<{address}>)"
    numbers = " ".join(f"[\\[{number}\\]](#s{number})" for number in said.sources)
    return f"{words} {numbers}" + (f" and {said.more:,} more" if said.more else "")


def _sources(sources: tuple[Source, ...]) -> Iterator[str]:
    yield from ("", "## Sources", "")
    if not sources:
        yield "No statement, no source."
        return
    yield from ("| No. | Sentence | Translation | Where |", "| --- | --- | --- | --- |")
    for number, source in enumerate(sources, 1):
        cells = (
            _told(source.sentence, source.language),
            _told(source.translation, source.foreign),
            escaped(source.place),
        )
        yield f'| <a id="s{number}"></a>{number} | ' + " | ".join(cells) + " |"


def _told(sentence: str, language: str) -> str:
    """Return a sentence with its language where that is not English."""
    return (
        f"{escaped(sentence)} ({escaped(language)})"
        if sentence and not language.startswith("en") and language
        else escaped(sentence)
    )


def escaped(words: str) -> str:
    r"""Return a text that means nothing to Markdown, on one line.

    >>> print(escaped("[a](b)\n# c"))
    \[a\]\(b\) \# c
    """
    return _MEANT.sub(r"\\\1", _SPACE.sub(" ", words).strip())
