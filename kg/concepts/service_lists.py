"""Lists of services as people write them: one item read into the atomic services it names.

    Azure, Azure Government, and Azure Germany
    Power BI cloud service either as a standalone service or as included in a branded plan
    Office 365 Microservices (including but not limited to Kaizala, Sway)
    Power Automate (formerly Microsoft Flow)

An item is names with commas and conjunctions between, then words that qualify them. Registered names go
first, the longest wins, so that a name that holds "and" or a comma itself stays whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.concepts.lexicon import plain
from kg.concepts.listed import Name, Parsed, Reading, of_suite, once
from kg.terms import Iri

if TYPE_CHECKING:
    from kg.concepts.services import Services

_SPACE = re.compile(r"\s*")
_SEPARATOR = re.compile(r"\s*[,;、，；/]\s*")
# Where a conjunction may stand: after a space, at a sign, or anywhere in a script without spaces.
_WORD_START = re.compile(r"(?<=\s)\S|[&+]|[^\x00-\u2e7f]")
_DASH = re.compile(r"\s*:\s+|\s*：\s*|\s+-{1,2}\s+|\s*:$")  # every dash is a hyphen in a plain text
_SENTENCE_END = re.compile(r"(?<=[\w)]{2})\.\s+(?=[^\Wa-z\d_])|。|(?<=\w{3})\.$|[!?]\s")
# Wherever one of these begins, or a bracket: each name of a list asks for the next one.
_STOP = re.compile(rf"(?={_SEPARATOR.pattern}|{_DASH.pattern}|{_SENTENCE_END.pattern}|\()")
_KANA = re.compile(r"[\u3040-\u309f]")
_BRACKET = re.compile(r"\([^()]*\)")
# A capital, a digit or a sign of a script without capitals begins a name; a Japanese particle does not.
_PLAUSIBLE = re.compile(r"^[^\W_a-z\u3040-\u309f]|^[a-z]?[A-Z]")
_SMALL = re.compile(r"^[^\W\dA-Z_]+$")
_NOTE_MARK = re.compile("[\u00b9\u00b2\u00b3\u2070-\u2079\u2020\u2021]+")  # raised figures and daggers
_MOST_WORDS = 9


class ServiceLists:
    """Reads items of lists of services."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._wordings = services.wordings

    def parse(self, text: str, lang: str = "en") -> Parsed:
        """Return the services that one list item, table cell or phrase names."""
        marked = text if text.isascii() else _NOTE_MARK.sub(lambda mark: " " * len(mark[0]), text)
        reading = Reading(plain(marked).rstrip(), lang)
        reading.position = len(reading.text) - len(reading.text.lstrip())
        opening = reading.text[reading.position :]
        outside = _BRACKET.sub("", opening)
        if any(self._wordings.starts(kind, opening) for kind in ("exclusion", "pointer")) or any(
            self._wordings.within(kind, outside) for kind in ("exclusion-after", "pointer-after")
        ):
            return Parsed(rest=(text.strip(),))
        while reading.position < len(reading.text):
            before = reading.position
            self._step(reading)
            if reading.position <= before:  # a sign that belongs to nothing
                reading.position = before + 1
        return Parsed(tuple(once(reading.names)), tuple(reading.rest), reading.open)

    def _step(self, reading: Reading) -> None:
        """Read what separates, then one name and the words that belong to it."""
        text = reading.text
        start = self._after_separators(reading)
        if start >= len(text):
            reading.position = start
            return
        others = self._wordings.at("others", text, start)
        if others > start and reading.names:
            end = self._end_of_part(text, others)
            reading.open = True
            reading.position = end
            return
        found, end = self._names_at(reading, start)
        if not found:
            reading.position = self._unnamed(reading, start)
            return
        reading.names += found
        reading.position = end
        self._after_name(reading)

    def _after_separators(self, reading: Reading) -> int:
        text, position = reading.text, reading.position
        while True:
            before = position
            separator = _SEPARATOR.match(text, position)
            if separator:
                position = separator.end()
                reading.separated = True
            space = _SPACE.match(text, position)
            position = space.end() if space else position
            position = self._wordings.at("conjunction", text, position)
            space = _SPACE.match(text, position)
            position = space.end() if space else position
            if position == before:
                break
        return position if self._hit(reading, position) else self._wordings.at("article", text, position)

    def _hit(self, reading: Reading, position: int) -> tuple[int, Iri] | None:
        """Return the end and the service of the registered name that starts at a position."""
        return self._services.spans(reading.text, reading.lang).get(position)

    def _end_of_part(self, text: str, position: int, *, conjunctions: bool = True) -> int:
        """Return where the stretch up to the next separator, bracket or sentence end stops."""
        stops = _stops(text)
        place = bisect_left(stops, position)
        end = stops[place] if place < len(stops) else len(text)
        for match in _WORD_START.finditer(text, position, end if conjunctions else position):
            if self._wordings.at("conjunction", text, match.start()) > match.start():
                return max(position, len(text[: match.start()].rstrip()))
        return end

    def _names_at(self, reading: Reading, start: int) -> tuple[list[Name], int]:
        """Return the name that starts at a position, registered or not, and where it ends.

        Two names only where they stand there without anything between; none where no name starts.
        """
        text = reading.text
        hit = self._hit(reading, start)
        end = self._end_of_part(text, hit[0] if hit else start)
        part = text[start:end].rstrip()
        longest = text[start : self._end_of_part(text, start, conjunctions=False)].rstrip()
        if len(longest) > len(part) and (joined := self._services.spelled(longest)):
            return [Name(longest, start, start + len(longest), joined)], start + len(longest)
        whole = hit[1] if hit and hit[0] == start + len(part) else None
        whole = (
            whole
            or self._by_cloud(reading, part)
            or self._services.close(part)
            or self._elided(reading, part)
        )
        if whole:
            return [Name(part, start, start + len(part), whole)], end
        glued = self._services.glued(part)
        if glued:
            middle = start + glued[0]
            first = Name(text[start:middle], start, middle, glued[1])
            return [first, Name(text[middle:end].rstrip(), middle, end, glued[2])], end
        if hit:
            return self._longer(reading, start, hit, end)
        later = self._later(reading, start, end)
        if later:
            return later
        end = self._joined(reading, end)
        part = text[start:end].rstrip()
        return ([Name(part, start, start + len(part), None)] if self._plausible(part) else []), end

    def _longer(self, reading: Reading, start: int, hit: tuple[int, Iri], end: int) -> tuple[list[Name], int]:
        """Return the registered name that a part starts with, or the longer one that the part is."""
        text, (hit_end, service) = reading.text, hit
        registered = Name(text[start:hit_end], start, hit_end, service)
        words = text[hit_end:end].strip()
        next_start = hit_end + len(text[hit_end:end]) - len(text[hit_end:end].lstrip())
        member = self._hit(reading, next_start) if next_start > hit_end else None
        if member and self._services.suite(member[1]) == service:
            return [Name(text[start : member[0]], start, member[0], member[1])], member[0]
        if (
            next_start == hit_end
            or not _PLAUSIBLE.match(words)
            or words[0].isdigit()
            or self._wordings.at("service-noun", words) == len(words)
            or self._hit(reading, next_start)
            or self._services.is_document(words)
        ):
            return [registered], hit_end
        clouds = self._services.clouds.named(words)
        if clouds and clouds[0][0] == 0:
            special = self._services.in_cloud(service, clouds[0][2])
            if special and clouds[0][1] == len(words):
                return [Name(text[start:end].rstrip(), start, end, special)], end
            return [registered], hit_end
        end = self._joined(reading, end)
        part = text[start:end].rstrip()
        if not self._plausible(part):
            return [registered], hit_end
        suite = None if self._services.is_common(registered.label) else service
        return [Name(part, start, start + len(part), None, suite=suite)], end

    def _by_cloud(self, reading: Reading, part: str) -> Iri | None:
        """Return the service that a bare cloud name means after a suite: `Office 365 GCC High, and DoD`."""
        cloud = self._services.clouds.get(part)
        if not cloud or not reading.names or reading.names[-1].iri is None:
            return None
        return self._services.in_cloud(reading.names[-1].iri, cloud)

    def _elided(self, reading: Reading, part: str) -> Iri | None:
        """Return the service whose name goes on as the one before it began: `Windows Server 2016 and 2019`."""
        if not reading.names or not self._plausible(part):
            return None
        before = reading.names[-1]
        for label in (before.label, self._services.label(before.iri) if before.iri else ""):
            words = label.split()
            for kept in range(len(words), 0, -1):
                service = self._services.get(f"{' '.join(words[:kept])} {part}")
                if service:
                    return service
        return None

    def _later(self, reading: Reading, start: int, end: int) -> tuple[list[Name], int] | None:
        """Return the name that a part holds further on: after words for a service, or beside a document's.

        In Japanese the name may end a clause that qualifies it.
        """
        text = reading.text
        spans = self._services.spans(text, reading.lang)
        within = [at for at in spans if start < at < end]
        for at in within:
            hit_end, service = spans[at]
            name = Name(text[at:hit_end], at, hit_end, service)
            before = text[start:at].strip()
            if self._wordings.at("service-noun", before) == len(before):
                return [name], hit_end
            if self._services.is_document(text[start:end]):
                return [replace(name, qualifier=before)], hit_end
        last = max(spans, default=0)
        if last > start and _KANA.search(text[start:last]):
            hit_end, service = spans[last]
            after, before = text[hit_end:].strip(), text[start:last].strip()
            noun = bool(after) and self._wordings.at("service-noun", after) == len(after)
            if noun or (not after and last in within):
                return [Name(text[last:hit_end], last, hit_end, service, qualifier=before)], len(text)
        return None

    def _joined(self, reading: Reading, end: int) -> int:
        """Return where a name ends that the registry does not hold and that may hold a conjunction itself."""
        text = reading.text
        space = _SPACE.match(text, end)
        at = space.end() if space else end
        after = self._wordings.at("conjunction", text, at)
        if after == at:
            return end
        space = _SPACE.match(text, after)
        following = space.end() if space else after
        further = self._end_of_part(text, following)
        hit = self._hit(reading, following)
        if following >= len(text) or (hit and not _PLAUSIBLE.match(text[hit[0] : further].strip())):
            return end
        if reading.separated and further >= len(text):
            return end  # the last "and" of a list with commas joins two names
        return further if self._plausible(text[following:further].strip()) else end

    def _unnamed(self, reading: Reading, start: int) -> int:
        """Set aside a stretch that names nothing, or add it to the name before it; return where it ends."""
        text = reading.text
        if reading.names and not _PLAUSIBLE.match(text[start:]):
            reading.qualify(
                text[start:], every=self._wordings.starts("standing", text[start:]) and len(reading.names) > 1
            )
            return len(text)
        end = self._end_of_part(text, start)
        end = end if end > start else start + 1
        if self._wordings.within("exclusion", text[start:end]):
            end = len(text)  # what is left out is named, but not in scope
        elif text[start] == "(":
            end = _closing(text, start)
        reading.rest.append(text[start:end].strip())
        return end

    def _after_name(self, reading: Reading) -> None:
        """Read what stands after a name: brackets, a colon or dash, words that qualify."""
        text = reading.text
        while True:
            space = _SPACE.match(text, reading.position)
            position = space.end() if space else reading.position
            if position >= len(text):
                reading.position = position
                return
            if text[position] == "(":
                end = _closing(text, position)
                self._bracket(reading, text[position:end])
                reading.position = end
                continue
            break
        dash = _DASH.match(text, reading.position)
        if dash:
            self._members_or_qualifier(reading, dash.end())
            return
        if _SENTENCE_END.match(text, position) or text[position] == ".":
            reading.qualify(text[position:].lstrip(".。 "))
            reading.position = len(text)
            return
        if _SEPARATOR.match(text, reading.position):
            self._qualifier_after_separator(reading)
            return
        if self._wordings.at("conjunction", text, position) > position or self._hit(reading, position):
            return
        noun = self._wordings.at("service-noun", text, position)
        if noun > position:
            beyond = _SPACE.match(text, noun)
            after = beyond.end() if beyond else noun
            ends = (
                after >= len(text)
                or text[after] == "("
                or _SEPARATOR.match(text, noun)
                or _DASH.match(text, noun)
            )
            if ends or self._wordings.at("conjunction", text, after) > after:
                reading.qualify(text[position:noun])
                reading.position = noun
                self._after_name(reading)
                return
        standing = self._wordings.starts("standing", text[position:])
        reading.qualify(text[position:], every=standing and not text[position:].lower().startswith("cloud"))
        reading.position = len(text)

    def _qualifier_after_separator(self, reading: Reading) -> None:
        """Take what follows a comma as a qualifier where it starts like one: `, whether enrolled …`."""
        text = reading.text
        separator = _SEPARATOR.match(text, reading.position)
        start = separator.end() if separator else reading.position
        at_conjunction = self._wordings.at("conjunction", text, start) > start
        if (
            start >= len(text)
            or at_conjunction
            or self._hit(reading, start)
            or self._wordings.at("article", text, start) > start
        ):
            return
        if self._wordings.at("inclusion", text, start) > start:
            members = self._members(text[start:], reading, listed=False)
            if members:
                umbrella = reading.names[-1].label
                reading.qualify(text[start:])
                reading.names += of_suite(members, umbrella)
                reading.position = len(text)
                return
        words = text[start : self._end_of_part(text, start)]
        if self._wordings.starts("others", words) or self._services.close(words.strip()):
            return
        if _SMALL.match(words.split(" ")[0]) and words.isascii():
            reading.qualify(text[start:])
            reading.position = len(text)

    def _bracket(self, reading: Reading, bracket: str) -> None:
        """Read a bracket after a name: another name of it, its members, its clouds, or a qualifier."""
        inner = bracket.strip("() ")
        name = reading.names[-1]
        if self._services.get(f"{name.label} {bracket}") or (
            name.iri and self._services.get(inner) == name.iri
        ):
            return
        if any(self._wordings.starts(kind, inner) for kind in ("former-name", "pointer")):
            reading.qualify(bracket)
            return
        if self._wordings.within("exclusion", inner):
            reading.qualify(bracket)
            return
        if self._cloudsof_suite(reading, inner, bracket):
            return
        members = self._members(inner, reading, listed=False)
        if not members:
            reading.qualify(bracket)
            return
        reading.qualify(bracket)
        reading.names += of_suite(members, name.label)

    def _cloudsof_suite(self, reading: Reading, inner: str, bracket: str) -> bool:
        """Put the services of the clouds in a bracket in the place of their suite."""
        clouds = self._services.clouds.named(inner)
        name = reading.names[-1]
        if not clouds or name.iri is None:
            return False
        left = inner
        for start, end, _ in reversed(clouds):
            left = left[:start] + left[end:]
        words = _SEPARATOR.sub(" ", left).split()
        if any(self._wordings.at("conjunction", word) != len(word) for word in words):
            return False
        services = [self._services.in_cloud(name.iri, cloud) for _, _, cloud in clouds]
        if all(services):
            known = [service for service in services if service]
            label = f"{name.label} {bracket}"
            reading.names[-1:] = [
                replace(name, label=label, iri=service, qualifier=bracket) for service in known
            ]
        else:
            reading.qualify(bracket)
            if len(clouds) == 1:
                reading.names[-1] = replace(reading.names[-1], cloud=clouds[0][2])
        return True

    def _members_or_qualifier(self, reading: Reading, start: int) -> None:
        """Read what follows a colon or dash: the members of a suite, else a qualifier."""
        following = reading.text[start:]
        members = self._members(following, reading, listed=True)
        umbrella = reading.names[-1].label
        reading.qualify(following)
        reading.names += of_suite(members, umbrella)
        reading.position = len(reading.text)

    def _members(self, words: str, reading: Reading, *, listed: bool) -> tuple[Name, ...]:
        """Return the services that are named as members of a suite; none if the words are a qualifier."""
        announced = self._wordings.at("inclusion", words)
        ended = self._wordings.within("inclusion-after", words)
        parsed = self.parse(words[announced:].strip(" ,"), reading.lang)
        suite = reading.names[-1].label
        members = tuple(
            name if name.iri else replace(name, iri=self._services.get(f"{suite} {name.label}"))
            for name in parsed.names
        )
        known = sum(1 for name in members if name.iri)
        if announced or ended:
            return members if known * 2 >= len(members) else ()
        labels = {name.label for name in members}
        unqualified = all(
            name.qualifier in labels
            or name.qualifier[:1] in {"", "("}
            or self._wordings.starts("inclusion", name.qualifier)
            for name in members
        )
        pure = known == len(members) and not parsed.rest and unqualified
        return members if pure and (listed or len(members) > 1) else ()

    def _plausible(self, words: str) -> bool:
        """Whether words look like a name: capitals, not too many, no sentence."""
        parts = words.split()
        if not parts or len(parts) > _MOST_WORDS or not _PLAUSIBLE.match(words) or words[-1] in ":?!":
            return False
        small = [part for part in parts if _SMALL.match(part) and not self._wordings.starts("particle", part)]
        if words[0].isdigit() and small:
            return False  # so many of something
        return len(small) <= 1 and len(small) < len(parts) and len(words) > 1


def _closing(text: str, start: int) -> int:
    """Return where the bracket that opens at a position is closed; the end of the text if it never is."""
    depth = 0
    for index in range(start, len(text)):
        depth += (text[index] == "(") - (text[index] == ")")
        if depth == 0:
            return index + 1
    return len(text)


@lru_cache(maxsize=1 << 8)
def _stops(text: str) -> tuple[int, ...]:
    """Return where a separator, bracket or sentence end may begin."""
    return tuple(match.start() for match in _STOP.finditer(text))
