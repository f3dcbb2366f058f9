"""Cloud services by name: whole names, names in running text, and the suites and clouds they belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from kg import names
from kg.concepts.artifacts import ArtifactKinds
from kg.concepts.clouds import Clouds
from kg.concepts.lexicon import Found, Lexicon, fold, plain
from kg.concepts.registry import Registry
from kg.concepts.service_lists import ServiceLists
from kg.concepts.wordings import ListWordings
from kg.records import ServiceNode
from kg.terms import Iri, literal, term

_NAMED = ("skos:prefLabel", "skos:altLabel", "skos:hiddenLabel")
_NOT_LETTER = re.compile(r"[^\w]+|_")
_DIGITS = re.compile(r"\d+")
_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_SHORT = 5  # an acronym up to this length may stand for something else in a sentence
_LONG = 8  # a name shorter than this is not taken for a misspelling of another


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry says of a service, as far as lists of services need it."""

    iri: Iri
    label: str
    suite: Iri | None
    cloud: Iri | None


class Services:
    """The cloud services the registry knows."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.clouds = Clouds(registry)
        self.wordings = ListWordings(registry)
        self._kinds = ArtifactKinds(registry)
        things = registry.members("ckg:CloudService")
        self._known = {
            thing: Known(
                thing,
                registry.text(thing, "skos:prefLabel"),
                registry.iri(thing, "skos:broader"),
                registry.iri(thing, "ckg:cloud"),
            )
            for thing in things
        }
        self._labels = tuple((label, thing) for thing in things for label in registry.labels(thing, *_NAMED))
        self._common = {
            fold(label.value) for thing in things for label in registry.labels(thing, "ckg:commonWord")
        }
        self._squashed: dict[str, Iri] = {}
        for label, thing in self._labels:
            self._squashed.setdefault(_squash(label.value), thing)
        self._by_length: defaultdict[int, list[tuple[str, Iri]]] = defaultdict(list)
        for squashed, thing in self._squashed.items():
            self._by_length[len(squashed)].append((squashed, thing))
        self._by_suite = {
            (known.suite, known.cloud): thing
            for thing, known in sorted(self._known.items(), reverse=True)
            if known.suite and known.cloud
        }
        self.close = lru_cache(maxsize=None)(self._close)
        self.spans = lru_cache(maxsize=1 << 16)(self._spans)
        self.find = lru_cache(maxsize=1 << 16)(self._find)
        self.parse = lru_cache(maxsize=1 << 16)(ServiceLists(self).parse)
        self._names = lru_cache(maxsize=None)(self._names_in)
        self._prose = lru_cache(maxsize=None)(self._prose_in)

    def __contains__(self, iri: object) -> bool:
        return iri in self._known

    def get(self, name: str) -> Iri | None:
        """Return the service that a whole name in any language stands for, case aside; None if unknown."""
        keys = self._names("").get(name)
        return keys[0] if len(keys) == 1 else None

    def label(self, iri: Iri) -> str:
        """Return the preferred name of a service; empty if the registry does not hold it."""
        return self._known[iri].label if iri in self._known else ""

    def suite(self, iri: Iri) -> Iri | None:
        """Return the suite or family a service belongs to."""
        return self._known[iri].suite if iri in self._known else None

    def cloud(self, iri: Iri | None) -> Iri | None:
        """Return the cloud that a suite's own service runs in, None if it is not bound to one."""
        return self._known[iri].cloud if iri in self._known else None

    def provider(self, iri: Iri) -> Iri | None:
        """Return who provides a service, None if the registry does not say."""
        return self._registry.iri(iri, "schema:provider")

    def in_cloud(self, suite: Iri, cloud: Iri) -> Iri | None:
        """Return the service that a suite is in one of its clouds, where that is a service of its own."""
        whole = suite if (suite, cloud) in self._by_suite else self.suite(suite)
        return self._by_suite.get((whole, cloud)) if whole else None

    def candidate(self, name: str, lang: str, suite: Iri | None, provider: Iri | None) -> ServiceNode:
        """Return the node of a service that a list names and the registry does not hold."""
        return ServiceNode(
            iri=names.service(names.slug(name) or names.digest(name)),
            labels=(literal(name, lang),),
            status=term("ckg:Candidate"),
            umbrella=suite,
            provider=provider,
        )

    def spelled(self, name: str) -> Iri | None:
        """Return the service of a whole name, spaces, signs and the provider's name before it aside."""
        exact = self.get(name)
        if exact:
            return exact
        squashed = _squash(name)
        spellings = (squashed, squashed.removeprefix("microsoft"), "microsoft" + squashed)
        return next((self._squashed[each] for each in spellings if each in self._squashed), None)

    def _close(self, name: str) -> Iri | None:
        """Return the service of a whole name, one slip of the pen aside too."""
        spelled = self.spelled(name)
        if spelled:
            return spelled
        squashed = _squash(name)
        if len(squashed) < _LONG:
            return None
        digits = _DIGITS.findall(squashed)
        found = {
            thing
            for length in (len(squashed) - 1, len(squashed), len(squashed) + 1)
            for label, thing in self._by_length.get(length, ())
            if _one_slip(label, squashed) and _DIGITS.findall(label) == digits
        }
        return found.pop() if len(found) == 1 else None

    def is_common(self, name: str) -> bool:
        """Whether a name is also an ordinary word."""
        return fold(name) in self._common

    def is_document(self, words: str) -> bool:
        """Whether words announce a document: in a name they then speak of a document about the service."""
        return self._kinds.of(words) is not None

    def glued(self, name: str) -> tuple[int, Iri, Iri] | None:
        """Return where a text is two names with nothing between, and the two services."""
        for match in _CAMEL.finditer(name):
            first, second = self.get(name[: match.start()]), self.get(name[match.start() :])
            if first and second:
                return match.start(), first, second
        return None

    def _spans(self, text: str, lang: str = "en") -> dict[int, tuple[int, Iri]]:
        """Return every name in a text, ordinary words included: where it starts, its end and service."""
        return {
            found.start: (found.end, found.keys[0])
            for found in self._names(lang.partition("-")[0]).find(text)
            if len(found.keys) == 1
        }

    def _find(self, text: str, lang: str = "en") -> tuple[Found[Iri], ...]:
        """Return the services that a running text names, by labels that are no ordinary words."""
        return tuple(
            found for found in self._prose(lang.partition("-")[0]).find(text) if len(found.keys) == 1
        )

    def _names_in(self, lang: str) -> Lexicon[Iri]:
        """Return the names of one language and English; those of all languages for an empty one."""
        return Lexicon(
            (label.value, thing)
            for label, thing in self._labels
            if not lang or label.lang.partition("-")[0] in {lang, "en"}
        )

    def _prose_in(self, lang: str) -> Lexicon[Iri]:
        return Lexicon(
            (label.value, thing)
            for label, thing in self._labels
            if label.lang.partition("-")[0] in {lang, "en"}
            and not self.is_common(label.value)
            and not (len(label.value) <= _SHORT and label.value.isupper())
        )


def _squash(name: str) -> str:
    return _NOT_LETTER.sub("", plain(name)).casefold()


def _one_slip(one: str, other: str) -> bool:
    """Whether two different texts are one letter too many, too few or another, or two swapped, apart."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    first, second = one[start:], other[start:]
    if len(one) == len(other):
        swapped = first[:2] == second[:2][::-1] and first[2:] == second[2:]
        return first[1:] == second[1:] or swapped
    return first[1:] == second if len(one) > len(other) else first == second[1:]
