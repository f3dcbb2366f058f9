"""A report as one HTML file: no script, nothing fetched, fit to print, languages side by side."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from kg.hypertext import link, words
from kg.reports.model import Page, Section, Source, Statement

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff; --tint: #f3f6fa; --mark: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #3a424c; --paper: #12161b; --tint: #1b2129; --mark: #79b8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.1rem 0 .3rem; }
a { color: var(--mark); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; color: var(--soft); font-size: .85rem; }
dd { margin: 0; overflow-wrap: anywhere; }
nav { margin: 1.2rem 0; padding: .7rem 1rem; background: var(--tint); border-radius: 6px; font-size: .9rem; }
nav a { margin-right: 1rem; white-space: nowrap; }
ul { margin: .2rem 0; padding-left: 1.2rem; }
ul.many { columns: 18rem; }
li { break-inside: avoid; margin: .15rem 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
sup a { text-decoration: none; padding: 0 .1rem; }
.soft { color: var(--soft); font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; table-layout: fixed; }
th, td { text-align: start; vertical-align: top; padding: .4rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; unicode-bidi: isolate; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { width: 3rem; text-align: right; }
th:last-child, td:last-child { width: 24%; }
tr:target { background: var(--tint); outline: 2px solid var(--mark); }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } nav { display: none; } thead { display: table-header-group; } tr, li { break-inside: avoid; } a { color: inherit; } h2, h3 { break-after: avoid; } }
"""
_MANY = 12  # statements of a group from which on they stand in columns


def text(page: Page) -> str:
    """Return a report as HTML."""
    return "".join(_parts(page))


def _parts(page: Page) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{words(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{words(page.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    yield f'<header>\n<h1 dir="auto">{words(page.title)}</h1>\n<dl>'
    facts = (*((("name", page.iri),) if page.iri else ()), *page.facts)
    yield from (f"<dt>{words(name)}</dt><dd>{words(value)}</dd>" for name, value in facts)
    yield "</dl>\n</header>\n<nav>"
    yield from (
        f'<a href="#part{number}">{words(section.title)}</a> '
        for number, section in enumerate(page.sections, 1)
    )
    yield '<a href="#sources">Sources</a></nav>\n<main>\n'
    for number, section in enumerate(page.sections, 1):
        yield from _section(number, section)
    yield from _sources(page.sources)
    yield "</main>\n</body>\n</html>\n"


def _section(number: int, section: Section) -> Iterator[str]:
    yield f'<section>\n<h2 id="part{number}">{words(section.title)}</h2>\n'
    if section.note:
        yield f'<p class="soft">{words(section.note)}</p>\n'
    if not section.groups:
        yield '<p class="soft">The graph says nothing of this.</p>\n'
    for group in section.groups:
        if group.heading:
            yield f'<h3 dir="auto">{words(group.heading)}</h3>\n'
        many = ' class="many"' if len(group.statements) > _MANY else ""
        yield f"<ul{many}>\n{''.join(map(_statement, group.statements))}</ul>\n"
    yield "</section>\n"


def _statement(said: Statement) -> str:
    numbers = "".join(f'<sup><a href="#s{number}">[{number}]</a></sup>' for number in said.sources)
    more = f' <span class="soft">and {said.more:,} more</span>' if said.more else ""
    return f'<li dir="auto">{link(said.link, said.words)}{numbers}{more}</li>\n'


def _sources(sources: tuple[Source, ...]) -> Iterator[str]:
    yield '<section>\n<h2 id="sources">Sources</h2>\n'
    if not sources:
        yield '<p class="soft">No statement, no source.</p>\n</section>\n'
        return
    yield "<table>\n<thead><tr><th>No.</th><th>Sentence</th><th>Translation</th><th>Where</th></tr></thead>\n<tbody>\n"
    for number, source in enumerate(sources, 1):
        yield (
            f'<tr id="s{number}"><td>{number}</td>{_told(source.sentence, source.language)}'
            f'{_told(source.translation, source.foreign)}<td title="{words(source.document)}">{words(source.place)}</td></tr>\n'
        )
    yield "</tbody>\n</table>\n</section>\n"


def _told(sentence: str, language: str) -> str:
    """Return a cell with a sentence in its language."""
    return (
        f'<td dir="auto" lang="{words(language)}">{words(sentence)}</td>'
        if language
        else f"<td>{words(sentence)}</td>"
    )
