"""Frameworks and the identifiers of their controls: every spelling of one control leads to one key."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg import names
from kg.concepts.lexicon import Lexicon, fold
from kg.concepts.registry import Registry
from kg.concepts.standards import Standards
from kg.terms import Iri, term

_ADDRESS = re.compile(r"urn:|https?:|\.*/")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_BASED_ON = term("ckg:basedOn")
_MOST_REMEMBERED = 50_000
_LONGEST = 200
_FILE_ENDING = re.compile(r"\.(json|xml|ya?ml|csv|tsv)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework whose controls files speak of: the key of its catalog and the edition that defines it.

    `identifiers_only` tells that titles and texts of its controls are not to be repeated (copyright).
    `licence_of_crosswalks` is the licence under which the framework's owner publishes its mappings, if one is
    known that the files themselves do not state.
    `registered` is False where its name was read from a file and no registry holds it; `work` is then the
    standard that the edition is a version of.
    """

    key: str
    edition: Iri
    label: str
    grammar: Iri | None = None
    families: frozenset[str] = frozenset()
    extends: str = ""
    tailors: str = ""
    identifiers_only: bool = False
    licence_of_crosswalks: Iri | None = None
    registered: bool = True
    work: Iri | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A level of baselines: `moderate`, `li-saas`, `privacy` …, and the impact level it stands for, if any."""

    key: str
    impact: Iri | None


@dataclass(frozen=True, slots=True)
class ControlName:
    """A control as a file spells it, placed: the catalog it belongs to, its key, and a part of it, if any."""

    catalog: str
    key: str
    part: str = ""

    @property
    def iri(self) -> Iri:
        """The control's IRI."""
        return names.control(self.catalog, self.key)


class Controls:
    """The frameworks in the registry, and how identifiers are spelled."""

    def __init__(self, registry: Registry, standards: Standards) -> None:
        self._standards = standards
        self._grammars = {
            grammar: (
                re.compile(registry.text(grammar, "ckg:pattern")),
                registry.text(grammar, "ckg:keyTemplate"),
            )
            for grammar in registry.members("ckg:IdentifierGrammar")
        }
        self._notations = {
            grammar: (
                re.compile(registry.text(grammar, "ckg:keyPattern")),
                registry.text(grammar, "ckg:notationTemplate"),
            )
            for grammar in self._grammars
            if registry.text(grammar, "ckg:notationTemplate")
        }
        self._levels = Lexicon(
            (label.value, Level(registry.text(each, "skos:notation"), registry.iri(each, "ckg:impactLevel")))
            for each in registry.members("ckg:BaselineLevel")
            for label in registry.labels(each, "skos:prefLabel", "skos:altLabel")
        )
        self._leaning = tuple(
            re.compile(label.value, re.IGNORECASE)
            for each in registry.members("ckg:TitleWording")
            if registry.iri(each, "ckg:signals") == _BASED_ON
            for label in registry.labels(each, "ckg:pattern")
        )
        self._read_before: dict[tuple[str, str], ControlName | None] = {}
        self._frameworks: dict[str, Framework] = {}
        self._named: dict[str, Framework] = {}
        keys = {each: registry.text(each, "ckg:catalogKey") for each in registry.members("ckg:Framework")}
        for each, key in keys.items():
            extends = registry.iri(each, "ckg:extendsCatalog")
            tailors = registry.iri(each, "ckg:tailors")
            framework = Framework(
                key=key,
                edition=registry.iri(each, "ckg:edition") or names.standard(key),
                label=registry.text(each, "skos:prefLabel"),
                grammar=registry.iri(each, "ckg:identifierGrammar"),
                families=frozenset(label.value for label in registry.labels(each, "ckg:family")),
                extends=keys.get(extends, "") if extends else "",
                tailors=keys.get(tailors, "") if tailors else "",
                licence_of_crosswalks=registry.iri(each, "ckg:crosswalkLicense"),
                identifiers_only=registry.text(each, "ckg:identifiersOnly") == "true",
            )
            self._frameworks[key] = framework
            for label in (
                *registry.labels(each, "skos:prefLabel", "skos:altLabel"),
                *registry.labels(each, "ckg:catalogKey"),
            ):
                self._named[_bare(label.value)] = framework

    def framework(self, *called: str) -> Framework | None:
        """Return the framework that the names lead to, the first that is known; None where none is.

        A name may be a title, a URN, a file name or an address of one. A name the registry of frameworks does
        not hold is read as the designation of an edition, unless it says that the framework only rests on it.
        """
        for name in called:
            known = self._named.get(_bare(name))
            if known:
                return known
        for name in called:
            folded = _bare(name) + " "
            begins = [each for each in self._named if " " in each and folded.startswith(each + " ")]
            if begins:
                return self._named[max(begins, key=len)]
        for name in called:
            spaced = re.sub(r"[_/]+", " ", _FILE_ENDING.sub("", name))
            leans = min(
                (match.end() for each in self._leaning for match in each.finditer(spaced)),
                default=len(spaced),
            )
            for mention in self._standards.find(spaced):
                if mention.start >= leans:
                    break
                key = mention.iri.rpartition("/")[2][:-1]
                known = self._frameworks.get(key)
                if known:
                    return known
                if self._standards.standard_of(mention.iri) != mention.iri:
                    return Framework(key=key, edition=mention.iri, label=mention.label, registered=True)
        return None

    def unknown(self, title: str, version: str = "") -> Framework:
        """Return a framework for a title that nothing knows: its key is made from the title and version."""
        key, release = names.slug(title) or "untitled", names.slug(version)
        told = f"-{key}-".find(f"-{release}-") if release else -1
        if release and told < 0:
            work, key = key, f"{key}-{release}"
        elif told > 0:
            work = key.replace(f"-{release}", "", 1)
        else:
            work = key
        edition = key if key != work else f"{key}-unversioned"
        return Framework(
            key, names.standard(edition), label=title or key, registered=False, work=names.standard(work)
        )

    def name(self, text: str, framework: Framework) -> ControlName | None:
        """Return the control that an identifier spells in a framework; None where it is no identifier.

        An identifier of a catalog that the framework extends belongs to that catalog: `AR-1` in MARS-E is the
        Appendix J control.
        """
        asked = framework.key, text
        if asked not in self._read_before:
            if len(self._read_before) > _MOST_REMEMBERED:
                self._read_before.clear()
            self._read_before[asked] = self._named_so(text, framework)
        return self._read_before[asked]

    def _named_so(self, text: str, framework: Framework) -> ControlName | None:
        for candidate in self._lineage(framework):
            placed = self._read(text, candidate)
            if placed:
                return placed
        if framework.grammar or framework.extends:
            return None
        key = plain_key(text)
        return ControlName(framework.key, key) if key else None

    def notation(self, key: str, framework: Framework) -> str:
        """Return the way people write a control's key (`ac-2.1`: `AC-2(1)`), empty where no grammar says."""
        if framework.grammar is None or framework.grammar not in self._notations:
            return ""
        pattern, template = self._notations[framework.grammar]
        match = pattern.fullmatch(key)
        return (
            _filled(template, {name: value or "" for name, value in match.groupdict().items()}).upper()
            if match
            else ""
        )

    def level(self, title: str) -> Level | None:
        """Return the level that a baseline's title names, the longest name first; None where it names none."""
        found = self._levels.find(title)
        return max(found, key=lambda each: each.end - each.start).keys[0] if found else None

    def known(self, key: str) -> Framework | None:
        """Return the framework of a catalog key, if the registry holds it."""
        return self._frameworks.get(key)

    def _lineage(self, framework: Framework) -> list[Framework]:
        """Return a framework, those that extend the same catalog by families of their own, and that catalog."""
        line = [framework]
        root = framework.extends or framework.key
        line += [
            each
            for each in self._frameworks.values()
            if each.extends == root and each.families and each not in line
        ]
        parent = self._frameworks.get(framework.extends)
        if parent:
            line.append(parent)
        return line

    def _read(self, text: str, framework: Framework) -> ControlName | None:
        if framework.grammar is None:
            return None
        if len(text) > _LONGEST:
            return None
        pattern, template = self._grammars[framework.grammar]
        found: dict[str, str] = {}
        match = pattern.search(text)
        while match:
            # The last reading counts: `NIST_SP_800-53_R5_AC-2(1)` begins with what looks like an identifier too.
            groups = {name: (value or "").lower() for name, value in match.groupdict().items()}
            if not framework.families or groups.get("family", "") in framework.families:
                found = groups
            match = pattern.search(text, match.start() + 1)
        if not found:
            return None
        part = re.sub(r"[^a-z0-9]+", ".", found.pop("part", "")).strip(".")

        key = _filled(template, found)
        return ControlName(framework.key, key, part)


def plain_key(text: str) -> str:
    """Return the key of an identifier whose grammar nobody knows; empty where nothing in it is a name.

    >>> plain_key("LK-01 (2)"), plain_key("H.1")
    ('lk-01.2', 'h.1')
    """
    key = re.sub(r"[^\w.-]+", "-", re.sub(r"[()\[\]]", ".", text.lower()))
    return re.sub(r"-*\.[.-]*", ".", key).strip("-._")


def _filled(template: str, values: dict[str, str]) -> str:
    """Return a template with its slots filled, bracketed stretches left out where a slot in them is empty."""

    def optional(group: re.Match[str]) -> str:
        return group[1] if all(values.get(name) for name in _SLOT.findall(group[1])) else ""

    return _SLOT.sub(lambda slot: values.get(slot[1], ""), _OPTIONAL.sub(optional, template))


def _bare(name: str) -> str:
    """Return a framework's name in the form in which names are compared: the last part of a path or URN."""
    is_path = _ADDRESS.match(name) or (" " not in name and _FILE_ENDING.search(name))
    last = re.split(r"[/:]", name.rstrip("/"))[-1] if is_path else name
    return fold(re.sub(r"[_-]+", " ", _FILE_ENDING.sub("", last)))
