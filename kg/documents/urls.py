"""One spelling for each link target: what two pages mean when they link to the same thing."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Final

LEARN_SITE: Final = "https://learn.microsoft.com"
"""Where a link that starts with `/` leads: the pages are published there."""

TRACKING_PARAMETERS: Final = (
    "campaignid", "fbclid", "gclid", "icid", "mc_cid", "mc_eid", "mc_id", "msclkid",
    "ocid", "wt.mc_id", "wt.mc_ev", "wt.svl", "yclid",
)  # fmt: skip
"""Query parameters, in lower case, that say who sent the reader and not what is read."""

TRACKING_PREFIX: Final = "utm_"

_LOCALE_NAMES: Final = """
ar-ae ar-eg ar-sa az-latn-az be-by bg-bg bn-bd bn-in bs-latn-ba ca-es cs-cz cy-gb da-dk de-at de-ch de-de
el-gr en-ae en-au en-ca en-gb en-hk en-ie en-in en-my en-nz en-ph en-sg en-us en-za es-ar es-cl es-co es-es
es-mx es-us et-ee eu-es fa-ir fi-fi fil-ph fr-be fr-ca fr-ch fr-fr fr-lu ga-ie gl-es he-il hi-in hr-hr hu-hu
hy-am id-id is-is it-ch it-it ja-jp ka-ge kk-kz ko-kr lb-lu lt-lt lv-lv mk-mk ms-my mt-mt nb-no nl-be nl-nl
nn-no pl-pl pt-br pt-pt ro-ro ru-ru sk-sk sl-si sq-al sr-cyrl-rs sr-latn-rs sv-fi sv-se sw-ke ta-in te-in
th-th tr-tr uk-ua ur-pk uz-latn-uz vi-vn zh-cn zh-hans zh-hant zh-hk zh-mo zh-sg zh-tw
"""
LOCALES: Final = frozenset(_LOCALE_NAMES.split())
"""Path segments, in lower case, that choose a language of the same page."""

# A locale stands in front; deeper down the same letters may be a folder of its own.
_LOCALE_DEPTH: Final = 2
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PARTS = re.compile(r"([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_HOST = re.compile(r"[\w.~!$&'()*+,;=%-]+")
# Characters an IRI may hold as they are (RFC 3987): printable ASCII but the delimiters, and letters of any script.
_ILLEGAL = re.compile(
    "[^!#$&'()*+,./0-9:;=?@A-Z_a-z~%\\-"
    "\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd]"
)
_INVISIBLE = re.compile("[\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LONE_HOST = re.compile(r"www\.[\w-]+\.\w", re.IGNORECASE)


def _escaped(match: re.Match[str]) -> str:
    """Return a character as percent escapes of its UTF-8 bytes."""
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))


def _legal(text: str) -> str:
    """Return text with everything that no IRI may hold percent-encoded; escapes stay as they are."""
    text = _BARE_PERCENT.sub("%25", text)
    return _INVISIBLE.sub(_escaped, _ILLEGAL.sub(_escaped, text))


def _authority(scheme: str, authority: str) -> str | None:
    """Return an authority in lower case without the scheme's own port, None where it names no host."""
    user, at, hostport = authority.rpartition("@")
    host, port = hostport, ""
    if hostport.startswith("["):
        address, bracket, rest = hostport[1:].partition("]")
        try:
            host = f"[{ipaddress.IPv6Address(address)}]"
        except ValueError:
            return None
        if not bracket or (rest and not rest.startswith(":")):
            return None
        port = rest[1:]
    else:
        host, _, port = hostport.partition(":")
        host = host.lower()
        if not _HOST.fullmatch(host) or _BARE_PERCENT.search(host) or _ILLEGAL.search(host):
            return None
    if port and not (port.isascii() and port.isdigit()):
        return None
    port = port.lstrip("0") if port else ""
    ending = f":{port}" if port and port != _DEFAULT_PORTS.get(scheme) else ""
    return f"{_legal(user).replace('/', '%2F')}{at}{host}{ending}"


def _without_locale(path: str) -> str:
    """Return a path without the segments that choose a language."""
    segments = path.split("/")
    place = 1
    while place <= _LOCALE_DEPTH and place < len(segments):
        if segments[place].lower() in LOCALES:
            del segments[place]
        else:
            place += 1
            continue
        place = 1
    return "/".join(segments) if len(segments) > 1 or not path else "/"


def _without_tracking(query: str) -> str:
    """Return a query (with its `?`) without the parameters that only track, empty where none is left."""
    kept = [
        each
        for each in query[1:].split("&")
        if (name := each.partition("=")[0].lower()) not in TRACKING_PARAMETERS
        and not name.startswith(TRACKING_PREFIX)
    ]
    return "?" + "&".join(kept) if any(kept) else ""


@lru_cache(maxsize=16384)
def normalise(href: str) -> str | None:
    """Return the one spelling of a link target, None where it is no address a reader may follow.

    Web addresses: scheme and host in lower case, no locale segment, no tracking parameter, no default port,
    illegal characters percent-encoded, existing escapes kept. `/azure/…` leads to `LEARN_SITE`. Relative links
    stay relative, in lower case and without `./`, as file names differ in case from page to page. `mailto:`
    keeps the local part as it is. Anything else (`javascript:`, `data:`, `file:` …) is None.
    """
    href = href.strip()
    scheme_match = _SCHEME.match(href)
    if scheme_match is None:
        path, _, _ = _parts(href)
        href = path.replace("\\", "/") + href[len(path) :]
        if href.startswith("//"):
            return normalise("https:" + href)
        if _LONE_HOST.match(href):
            return normalise("https://" + href)
        return _site_relative(href) if href.startswith("/") else _relative(href)
    scheme, rest = scheme_match[1].lower(), href[scheme_match.end() :]
    if scheme == "mailto":
        return _mailbox(rest)
    if scheme not in _DEFAULT_PORTS or not rest.startswith("//"):
        return None
    authority, slash, rest = _cut(rest[2:])
    authority_legal = _authority(scheme, authority)
    if authority_legal is None:
        return None
    return f"{scheme}://{authority_legal}{_tail(slash + rest)}"


def _cut(text: str) -> tuple[str, str, str]:
    """Return authority, the character that ends it, and what follows."""
    for place, character in enumerate(text):
        if character in "/?#":
            return text[:place], character, text[place + 1 :]
    return text, "", ""


def _parts(text: str) -> tuple[str, str, str]:
    """Return path, query (with its `?`) and fragment (with its `#`) of what follows a scheme and host."""
    parts = _PARTS.match(text)
    assert parts is not None  # the pattern matches any text
    return parts[1], parts[2] or "", parts[3] or ""


def _tail(text: str) -> str:
    """Return path, query and fragment of a web address in their one spelling."""
    path, query, fragment = _parts(text)
    path = _without_locale(_legal(path))
    query = _without_tracking(_legal(query)) if query else ""
    return path + query + _fragment(fragment)


def _fragment(fragment: str) -> str:
    """Return a fragment (with its `#`) in its one spelling, empty where it names nothing."""
    return "#" + _legal(fragment[1:]).replace("#", "%23") if len(fragment) > 1 else ""


def _site_relative(href: str) -> str | None:
    """Return where a link that starts with one `/` leads on the site the pages are published on."""
    return LEARN_SITE + _tail(href)


def _relative(href: str) -> str | None:
    """Return a link to a neighbouring page or within the page, in lower case, without `./`."""
    path, query, fragment = _parts(href)
    path = _legal(path).lower()
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    query = _without_tracking(_legal(query)) if query else ""
    key = path + query.lower() + _fragment(fragment).lower()
    # A colon in the first segment would read as a scheme the second time round.
    return None if not key or _SCHEME.match(key) else key


def _mailbox(address: str) -> str | None:
    """Return a mail address as a `mailto:` IRI, None where it holds no `@`."""
    mailbox, question, headers = address.strip().partition("?")
    local, at, domain = _legal(mailbox).replace("#", "%23").rpartition("@")
    if not at or not local or not domain:
        return None
    return f"mailto:{local}@{domain.lower()}{question}{_legal(headers).replace('#', '%23')}"
