"""OSCAL catalogs and profiles, in JSON, XML or YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from kg import names
from kg.concepts import Concepts
from kg.concepts.controls import Framework
from kg.errors import Issue, SourceError
from kg.records import RDF_TYPE, Baseline, Record, SourceDocument, triples
from kg.sources import Extraction, Input
from kg.sources.oscal import catalog as catalogs
from kg.sources.oscal import profile as profiles
from kg.sources.oscal.tree import Tree, kind, read, words
from kg.terms import Iri, Triple, literal, term, typed

_LARGEST = 64 * 1024 * 1024
_READABLE = (".json", ".xml", ".yaml", ".yml")


class Oscal:
    """Catalogs define controls; profiles and resolved profiles select them into baselines."""

    name = "oscal"

    def accepts(self, item: Input) -> bool:
        """Whether the file is an OSCAL catalog or profile."""
        return kind(item.data) in {"catalog", "profile"}

    def extract(self, item: Input, concepts: Concepts) -> Extraction:
        """Return a catalog's controls, or a profile's baseline."""
        root, tree = kind(item.data), read(item.data)
        metadata = tree.get("metadata") or {}
        title = words(metadata, "title") or PurePosixPath(item.path).stem
        made: list[Record | Issue] = []
        if root == "profile":
            resolved = profiles.resolve(tree, _finder(item))
            slug, parts = _baseline(item, concepts, title, list(resolved.controls), resolved)
            made += parts
        else:
            framework = _framework(item, concepts, title, words(metadata, "version"))
            # A catalog that calls itself the baseline of a level of a known framework defines nothing of its own.
            named_so = "baseline" in title.lower() and concepts.controls.level(title) and framework.registered
            if catalogs.is_selection(tree) or named_so:
                ids = list(profiles.flatten(tree)[0])
                slug, parts = _baseline(item, concepts, title, ids, None, framework)
                made += parts
            else:
                slug = framework.key
                document = names.catalog_document(slug, item.sha256)
                at = catalogs.context(item.path, document, tree, framework, concepts.controls)
                made += catalogs.read(tree, at)
        document = names.catalog_document(slug, item.sha256)
        made.append(_document(item, document, slug, title, metadata))
        said = tuple(triple for each in made if isinstance(each, Record) for triple in triples(each))
        counts = {"controls": sum(1 for t in said if t[1] == RDF_TYPE and t[2] == _CONTROL)}
        if root == "profile":
            said += tuple(_levels(slug, title, concepts))
        return Extraction(document, said, tuple(each for each in made if isinstance(each, Issue)), counts)


_CONTROL = term("ckg:Control")


def _framework(item: Input, concepts: Concepts, title: str, version: str) -> Framework:
    """Return the framework a catalog defines, or is a selection of."""
    stem = PurePosixPath(item.path).stem
    return concepts.controls.framework(title, stem) or concepts.controls.unknown(title, version)


def _document(item: Input, document: Iri, slug: str, title: str, metadata: Tree) -> SourceDocument:
    modified = words(metadata, "last-modified")[:10]
    return SourceDocument(
        iri=document,
        slug=literal(slug),
        path=literal(item.path),
        sha256=literal(item.sha256),
        titles=(literal(title, "en"),),
        modified=typed(modified, "xsd:date") if len(modified) == 10 else None,
        version=literal(words(metadata, "version")) if words(metadata, "version") else None,
    )


def _baseline(
    item: Input,
    concepts: Concepts,
    title: str,
    ids: list[str],
    resolved: profiles.Resolved | None,
    framework: Framework | None = None,
) -> tuple[str, list[Record | Issue]]:
    """Return the key of the baseline that a selection is, and what is said of it."""
    controls = concepts.controls
    source = framework or _selected(concepts, title, resolved)
    made: list[Record | Issue] = []
    members: dict[Iri, None] = {}
    for control_id in ids:
        name = controls.name(control_id, source)
        members[name.iri if name else names.control(source.key, names.slug(control_id))] = None
    programme = _programme(concepts, title, source)
    level = controls.level(title)
    revision = source.key.rpartition("-")[2]
    if programme is None and level:
        key = f"{source.key}-{level.key}"
    elif programme and level:
        key = f"{programme.rpartition('/')[2][:-1]}-{revision}-{level.key}"
    else:
        key = names.slug(title)
    if resolved is not None:
        made += [
            Issue(item.path, 0, "missing-control", f"the profile names {missing!r}, which no import holds")
            for missing in dict.fromkeys(resolved.missing)
        ]
        made += [
            Issue(
                item.path,
                0,
                "missing-import",
                f"{wanted.hrefs[0]!r} is not among the inputs; its listed ids count",
            )
            for wanted in resolved.unfound
        ]
        made += [
            Issue(item.path, 0, "import-cycle", f"{cycle!r} imports itself in the end")
            for cycle in resolved.cycles
        ]
    if not members:
        raise SourceError("the profile selects no control", code="empty-baseline")
    made.append(
        Baseline(
            iri=names.baseline(key),
            labels=(literal(title, "en"),),
            members=tuple(members),
            impact_level=level.impact if level else None,
            part_of=programme or source.edition,
            selects_from=(source.edition,),
        )
    )
    return key, made


def _selected(concepts: Concepts, title: str, resolved: profiles.Resolved | None) -> Framework:
    """Return the framework whose controls a profile selects: that of its imports, else the one its title names."""
    called: list[str] = []
    if resolved is not None:
        for source in resolved.catalogs:
            called += [words(source.tree.get("metadata") or {}, "title"), PurePosixPath(source.name).stem]
        for wanted in resolved.unfound:
            called += [wanted.title, *(PurePosixPath(href).stem for href in wanted.hrefs)]
    return concepts.controls.framework(*filter(None, called), title) or concepts.controls.unknown(title)


def _programme(concepts: Concepts, title: str, source: Framework) -> Iri | None:
    """Return the programme that a baseline's title names besides the catalog it selects from."""
    own = concepts.standards.standard_of(source.edition)
    for mention in concepts.standards.find(title):
        work = concepts.standards.standard_of(mention.iri)
        whole = concepts.registry.iri(work, "dcterms:isPartOf") or work
        if whole not in {own, source.edition}:
            return whole
    return None


def _levels(baseline: str, title: str, concepts: Concepts) -> Iterator[Triple]:
    """Yield the triple that ties a programme's level to its baseline, where the registry holds the level."""
    level = concepts.controls.level(title)
    if level is None:
        return
    for mention in concepts.standards.find(title):
        work = concepts.standards.standard_of(mention.iri)
        whole = concepts.registry.iri(work, "dcterms:isPartOf") or work
        key = names.standard(f"{whole.rpartition('/')[2][:-1]}-{level.key}")
        if concepts.registry.knows(key):
            yield key, term("ckg:hasBaseline"), names.baseline(baseline)
            return


def _finder(item: Input) -> profiles.Find:
    """Return how a profile's imports are found: by path, then by file name, then by what a file says it is."""
    by_name: dict[str, list[str]] = {}
    for path in sorted(item.neighbours):
        by_name.setdefault(PurePosixPath(path).name.lower(), []).append(path)

    def find(wanted: profiles.Import) -> profiles.Imported | None:
        here = PurePosixPath(item.path).parent
        for href in wanted.hrefs:
            beside = _joined(here, href)
            if beside in item.neighbours and beside != item.path:
                return _load(beside, item.neighbours[beside])
        for href in wanted.hrefs:
            for path in by_name.get(PurePosixPath(href).name.lower(), ()):
                if path != item.path:
                    return _load(path, item.neighbours[path])
        stems = {PurePosixPath(href).stem.lower() for href in wanted.hrefs}
        for path, file in _oscal_files(item.neighbours):
            # A minified copy goes by the same name with an ending of its own.
            if (
                any(PurePosixPath(path).stem.lower().startswith(stem) for stem in stems if stem)
                and path != item.path
            ):
                return _load(path, file)
        return None

    return find


def _joined(folder: PurePosixPath, href: str) -> str:
    """Return the path that a relative reference leads to, empty where it leaves the inputs."""
    if "://" in href:
        return ""
    parts: list[str] = list(folder.parts)
    for part in PurePosixPath(href).parts:
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _oscal_files(neighbours: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for path in sorted(neighbours):
        if path.lower().endswith(_READABLE) and _kind_of(neighbours[path]) in {"catalog", "profile"}:
            yield path, neighbours[path]


@lru_cache(maxsize=8192)
def _kind_of(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return kind(stream.read(4096))
    except OSError:
        return ""


@lru_cache(maxsize=8)
def _tree_of(file: Path) -> tuple[str, Tree]:
    data = file.read_bytes()
    return kind(data), read(data)


def _load(path: str, file: Path) -> profiles.Imported | None:
    try:
        if file.stat().st_size > _LARGEST:
            return None
        root, tree = _tree_of(file)
    except (OSError, SourceError):
        return None
    return profiles.Imported(path, root, tree) if root in {"catalog", "profile"} else None
