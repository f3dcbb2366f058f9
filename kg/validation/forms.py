"""Which nodes of a document no shape can tell apart, so that one of them is judged for all.

A page says thousands of things that differ in their words, in their own names and in the names of the sentences
they were read from. Shapes ask of words no more than that there are some, and in which language, and of a sentence
no more than that it is one of that document. So a node has a form: what is said of it, with words and the names of
own things left out. Nodes of one form get one verdict. `suffice` tells whether shapes ask no more than that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import TypeAlias

import pyoxigraph as ox

from kg.nodes import Node
from kg.terms import PREFIXES, Iri, term

_SH = PREFIXES["sh"]
_DOCUMENTS = f"<{PREFIXES['doc']}"
_TYPE, _SOURCE, _EVIDENCE = term("rdf:type"), term("oa:hasSource"), term("ckg:evidence")
_DERIVED = term("prov:wasDerivedFrom")
# Words: only their number, whether they are empty, and their language or datatype count.
_WORDS = frozenset(map(term, ("rdf:value", "rdfs:label", "schema:text", "ckg:href")))
# Numbers: only that they are whole and above zero counts.
_NUMBERS = frozenset(map(term, ("ckg:line", "schema:position")))
_ADDRESSES = frozenset((term("ckg:linksTo"),))
# What leads to things of the same document: only of which class these are, and that they are of it, counts.
_WITHIN = frozenset((_EVIDENCE, _SOURCE, _DERIVED, term("schema:isPartOf"), term("schema:acceptedAnswer")))
_BLURRED = _WORDS | _NUMBERS | _ADDRESSES | _WITHIN

_COUNTING = frozenset(("minCount", "maxCount", "nodeKind"))
_TALK = frozenset(("path", "name", "description", "order", "group", "severity", "message", "deactivated"))
_ASKED = {
    **dict.fromkeys(_WORDS, _COUNTING | {"datatype", "uniqueLang", "languageIn", "minLength"}),
    **dict.fromkeys(_NUMBERS, _COUNTING | {"datatype", "minInclusive"}),
    **dict.fromkeys(_ADDRESSES, _COUNTING),
    **dict.fromkeys(_WITHIN, _COUNTING | {"class"}),
}
_LEAST = re.compile(r'"[01]"\^\^.*')  # at least one character, at least one
_PAIRS = frozenset(("equals", "disjoint", "lessThan", "lessThanOrEquals"))
_PARTS = ("node", "not", "or", "and", "xone")
_TARGETS = frozenset(("targetSubjectsOf", "targetObjectsOf"))
# What a shape may ask of the name of the very node that it judges.
_OF_NAMES = _PAIRS | {"pattern", "in", "hasValue", "minLength", "maxLength"}
# Whatever else SHACL offers is beyond this proof.
_KNOWN = frozenset().union(
    _TALK, _PAIRS, _TARGETS, *_ASKED.values(),
    ("targetClass", "targetNode", "property", "node", "not", "or", "and", "xone", "in", "hasValue", "pattern", "flags",
     "maxLength", "maxInclusive", "minExclusive", "maxExclusive", "languageIn", "sparql", "select", "prefixes",
     "declare", "prefix", "namespace", "qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"),
)  # fmt: skip
_NUMBER = re.compile(r'"[1-9][0-9]*"\^\^<[^>]*#integer>')


def shown(graph: Iri, nodes: Iterable[Node]) -> dict[str, list[Iri]]:
    """Return the things of a document to look at: for each form the first one of it, and what that leads to.

    Under an empty form are those that are looked at in any case.
    """
    things = _Things(graph, nodes)
    found = {form: things.around(subject) for form, subject in things.forms().items()}
    found[""] = [each for subject in things.named if subject in things for each in things.around(subject)]
    return found


def is_part(node: str) -> bool:
    """Whether a term is a document or a part of one."""
    return node.startswith(_DOCUMENTS)


class _Things:
    """The things of a document: those that others point at by name, and the forms of the rest."""

    def __init__(self, graph: Iri, nodes: Iterable[Node]) -> None:
        self._graph = graph
        self._below = graph[:-1] + "/"
        self._nodes: dict[Iri, Node] = {}
        self._seen = {graph: "its document"}
        # Things of one document say the same of one another again and again.
        self._parts: dict[str, tuple[str, Iri | None]] = {}
        self._leads: dict[Iri, list[Iri]] = {}
        self.named: dict[Iri, None] = {}
        for node in nodes:
            subject = node.subject
            if not subject.startswith(self._below):
                for each in node.said:
                    if self._below in each:
                        self.named[Iri(each.partition(" ")[2])] = None
            elif self._nodes.setdefault(subject, node) is not node:
                self._nodes[subject] = Node(subject, self._nodes[subject].said + node.said)
                self.named[subject] = None

    def __contains__(self, subject: Iri) -> bool:
        return subject in self._nodes

    def forms(self) -> dict[str, Iri]:
        """Return the first thing of each form, but for what is pointed at by name."""
        forms = [(self._form(node), node) for node in self._nodes.values() if not node.like]
        alike: dict[str, Node] = {}
        for node in self._nodes.values():
            if node.like and node.subject not in self.named:
                alike.setdefault(node.like, node)
        forms += [(self._form(node), node) for node in alike.values()]
        return {form: node.subject for form, node in reversed(forms) if node.subject not in self.named}

    def around(self, subject: Iri) -> list[Iri]:
        """Return a thing and those of the document that shapes come to from it, step by step."""
        found = [subject]
        for each in found:
            leads = self._leads.get(each)
            if leads is None:
                leads = self._leads[each] = self._leads_of(each)
            for lead in leads:
                if lead not in found:
                    found.append(lead)
        return found

    def _leads_of(self, subject: Iri) -> list[Iri]:
        """Return the things of the document that shapes come to from one that has no form of its own."""
        below = [said.partition(" ") for said in self._nodes[subject].said if self._below in said]
        return [Iri(value) for predicate, _, value in below if predicate in _WITHIN and value in self._nodes]

    def _form(self, node: Node) -> str:
        """Return the form of a thing, and note which others it names and leads to."""
        known = self._parts
        parts = []
        leads = self._leads[node.subject] = []
        for each in node.said:
            seen = known.get(each)
            if seen is None:
                seen = known[each] = self._part(each)
            part, lead = seen
            parts.append(part)
            if lead:
                leads.append(lead)
        parts.sort()
        return _digest("\n".join(parts))

    def _part(self, said: str) -> tuple[str, Iri | None]:
        """Return what a form keeps of one thing said and where that leads, and note which other it names."""
        predicate, _, value = said.partition(" ")
        if predicate not in _BLURRED:
            if value.startswith(self._below):
                self.named[Iri(value)] = None
            return said, None
        if predicate in _WITHIN:
            thing = Iri(value)
            return f"{predicate} {self._look(thing)}", thing if thing in self._nodes else None
        if predicate in _WORDS:
            return f"{predicate} {_kind(value)}", None
        if predicate in _NUMBERS:
            return predicate if _NUMBER.fullmatch(value) else said, None
        return f"{predicate} {value[0]}", None

    def _look(self, value: Iri) -> str:
        """Return the classes of a thing of this document and whether it is a part of it; another's name."""
        if value not in self._seen:
            node = self._nodes.get(value)
            said = [each for each in node.said if each.startswith((_TYPE, _SOURCE))] if node else [value]
            self._seen[value] = " ".join(said).replace(self._graph, "its document")
        return self._seen[value]


def _kind(value: str) -> str:
    """Return what a shape sees of words: their language or datatype, and whether there are any."""
    if value[0] != '"':
        return value
    ending = value[value.rindex('"') :]
    return ending if len(ending) + 1 < len(value) else f"empty {ending}"


@lru_cache(maxsize=1 << 16)
def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()


_Shapes: TypeAlias = dict[str, dict[str, list[str]]]


@lru_cache(maxsize=4)
def suffice(shapes: str) -> bool:
    """Whether shapes (N-Triples) ask nothing of nodes that two of one form could answer differently."""
    said: _Shapes = defaultdict(lambda: defaultdict(list))
    for quad in ox.parse(shapes, format=ox.RdfFormat.N_QUADS):
        said[str(quad.subject)][str(quad.predicate)[1:-1].removeprefix(_SH)].append(str(quad.object))
    asked = {name for about in said.values() for name in about if ":" not in name}
    # Judged themselves, not as values of a property.
    heads = {shape for shape, about in said.items() if any(name.startswith("target") for name in about)}
    for about in said.values():
        if "path" not in about:
            heads.update(
                each for name in _PARTS for value in about.get(name, ()) for each in _listed(value, said)
            )
    return asked <= _KNOWN and all(
        _within_sight(about, said) and (shape not in heads or "path" in about or _OF_NAMES.isdisjoint(about))
        for shape, about in said.items()
    )


def _within_sight(about: dict[str, list[str]], said: _Shapes) -> bool:
    """Whether one shape, given what is said of it, can be judged by forms."""
    targets = [value for name in _TARGETS for value in about.get(name, ())]
    pairs = [value for name in _PAIRS for value in about.get(name, ())]
    steps = [Iri(step) for path in about.get("path", ()) for step in _listed(path, said)]
    constraints = (about.keys() & _KNOWN) - _TALK
    if steps == [_EVIDENCE, _SOURCE]:  # where the evidence stands is where the claim is from
        return constraints <= {"equals"} and pairs == [_DERIVED]
    if not _BLURRED.isdisjoint((*targets, *pairs)) or any(map(_speaks_of_blurred, about.get("select", ()))):
        return False
    if _BLURRED.isdisjoint(steps):
        return True
    least = (*about.get("minLength", ()), *about.get("minInclusive", ()))
    return len(steps) == 1 and constraints <= _ASKED[steps[0]] and all(map(_LEAST.fullmatch, least))


def _listed(node: str, said: _Shapes) -> Iterator[str]:
    """Yield what a list holds, or a node that is none."""
    rdf = PREFIXES["rdf"]
    while f"{rdf}first" in said.get(node, {}):
        yield said[node][f"{rdf}first"][0]
        node = said[node][f"{rdf}rest"][0]
    if node != f"<{rdf}nil>":
        yield node


def _speaks_of_blurred(query: str) -> bool:
    """Whether a query names, under any prefix, what forms leave out."""
    return any(
        re.search(rf"[:/#]{re.escape(re.split('[/#]', each)[-1][:-1])}\b", query) is not None
        for each in _BLURRED
    )
