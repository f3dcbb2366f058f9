"""Minting IRIs: one function per kind of thing, always from content."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from kg.terms import BASE, Iri, iri

_NOT_IN_SLUG = re.compile(r"[^\w.]+|_+")
_DOTTED_LETTERS = re.compile(r"(?<=\b[A-Za-z])\.(?=[A-Za-z]?\b)")


@lru_cache(maxsize=8192)
def slug(text: str) -> str:
    """Return a name as a readable key: lower case, hyphens, dots kept between digits.

    >>> slug("Office 365 U.S. Government"), slug("MARS-E 2.0")
    ('office-365-us-government', 'mars-e-2.0')
    """
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = _DOTTED_LETTERS.sub("", plain).replace("'", "").replace("’", "").replace("&", " and ")
    key = _NOT_IN_SLUG.sub("-", plain.lower())
    key = re.sub(r"\.(?!\d)|(?<!\d)\.", "-", key)
    return re.sub(r"-{2,}", "-", key).strip("-.")


def digest(*parts: str) -> str:
    """Return the first 16 hex digits of the SHA-256 of the parts, each ended by a NUL."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def thing(kind: str, key: str) -> Iri:
    """Return `<base><kind>/<key>`."""
    return iri(f"{BASE}{kind}/{key}")


def standard(key: str) -> Iri:
    """Return the IRI of a standard, law, programme or edition."""
    return thing("standard", key)


def service(key: str) -> Iri:
    """Return the IRI of a cloud service."""
    return thing("service", key)


def offering(provider: str, key: str) -> Iri:
    """Return the IRI of a provider's compliance offering."""
    return thing("offering", f"{provider}-{key}")


def organization(key: str) -> Iri:
    """Return the IRI of an organization."""
    return thing("organization", key)


def baseline(key: str) -> Iri:
    """Return the IRI of a baseline, key `<programme>-<edition>-<level>`."""
    return thing("baseline", key)


@lru_cache(maxsize=16384)
def control(catalog: str, key: str) -> Iri:
    """Return the IRI of a control or family of a catalog, key as in OSCAL (`ac-2.1`)."""
    return thing("control", f"{catalog}/{key}")


def document(locale: str, key: str, sha256: str) -> Iri:
    """Return the IRI of a source document, which is also that of its graph."""
    return thing("document", f"{locale.lower()}/{key}/{sha256[:12]}")


def catalog_document(name: str, sha256: str) -> Iri:
    """Return the IRI of a catalog, profile, crosswalk or check file, and of its graph."""
    return thing("document", f"catalog/{name}/{sha256[:12]}")


def part(whole: Iri, kind: str, key: str) -> Iri:
    """Return the IRI of part of a document: a segment, section, question, duty or link."""
    checked = iri(key)  # the whole is an IRI already, and these are minted by the hundred thousand
    return Iri(f"{whole[:-1]}/{kind}/{checked[1:]}")


def web(kind: str, url: str) -> Iri:
    """Return the IRI of an artifact or resource, stable for its normalised URL."""
    host = re.sub(r"^[a-z]+://(www\.)?", "", url).split("/")[0].split("?")[0]
    return thing(kind, f"{slug(host) or 'file'}-{digest(url)[:12]}")


def claim(source_document: Iri, *parts: str) -> Iri:
    """Return the IRI of a claim, from its document and all that makes it this claim and no other."""
    return part(source_document, "claim", digest(*parts))
