"""The one door to other servers: http and https only, bounded in time and size, tried again where that may help.

Credentials come from the environment (CKG_TOKEN, or CKG_USER with CKG_PASSWORD). They are sent to the host that was
named, after it has asked for them, over https or within this machine, and stand in no message.
"""

from __future__ import annotations

import http.client
import ipaddress
import os
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any, TypeAlias
from urllib.parse import urlsplit

from kg.errors import RemoteError

Request: TypeAlias = urllib.request.Request

_STEP = 1 << 16
_SAID = 2000  # bytes of a refusal that are read
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 20.0
_ASKS_WHO = frozenset({401, 403})
# A server that is busy or being replaced; what is only read is not asked again after an error of the server's own.
BUSY = frozenset({408, 429, 502, 503, 504})
FAILED = BUSY | {500}


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer: its status, headers by lower-case name, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def checked(url: str) -> str:
    """Return the address of a server; RemoteError unless it is http or https and free of credentials."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise RemoteError(
            "this is no address of a server", hint="give one such as https://…/sparql"
        ) from None
    if parts.username is not None or parts.password is not None:
        raise RemoteError(
            "an address must not hold credentials",
            hint="set CKG_USER and CKG_PASSWORD, or CKG_TOKEN, in the environment",
        )
    if not usable:
        raise RemoteError(
            f"{url!r} is no address of a server", url=url, hint="give one such as https://…/sparql"
        )
    return url


def request(url: str, method: str, data: bytes | None, **headers: str) -> Request:
    """Return a request to be sent by a client."""
    said = {"User-Agent": "compliance-kg", **headers}
    return Request(checked(url), data, said, method=method)


class Client:
    """Sends requests to one server: `tries` times at most, each for `timeout` seconds, for `most` bytes."""

    def __init__(
        self, *, timeout: float, tries: int, most: int, again: frozenset[int] = BUSY, patient: bool = False
    ) -> None:
        self._timeout = timeout
        self._tries = tries
        self._most = most
        self._again = again
        self._patient = patient  # also waits for a server that refuses connections or takes too long
        self._credentials = _Credentials()
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
            _SameServer(),
        ):
            self._opener.add_handler(handler)

    def send(self, request: Request) -> Reply:
        """Return the answer to a request; RemoteError, with the status if there is one, where it is none."""
        checked(request.full_url)
        pause = _FIRST_PAUSE
        for attempt in range(1, self._tries + 1):
            try:
                return self._known(request)
            except _TransientError as error:
                if attempt == self._tries:
                    raise error.reason from error
                time.sleep(min(max(pause, error.after), _LONGEST_PAUSE))
                pause *= 2
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _known(self, request: Request) -> Reply:
        """Return the answer; where the server asks who we are, tell it once and ask again."""
        self._credentials.add(request)
        try:
            return self._once(request)
        except RemoteError as error:
            if error.status not in _ASKS_WHO or not self._credentials.challenged(request, error):
                raise
        self._credentials.add(request)
        return self._once(request)

    def _once(self, request: Request) -> Reply:
        place = _place(request.full_url)
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                return Reply(answer.status, _headers(answer.headers), self._body(answer, place))
        except urllib.error.HTTPError as error:
            with error:
                refusal = _refusal(error, place)
            if error.code in self._again:
                raise _TransientError(refusal, _seconds(error.headers.get("Retry-After"))) from error
            raise refusal from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            failure = RemoteError(
                f"{place} cannot be asked: {reason or type(error).__name__}",
                url=place,
                hint="is the server running?",
            )
            if self._may_pass(reason):
                raise _TransientError(failure) from error
            raise failure from error

    def _may_pass(self, reason: object) -> bool:
        """Whether a failure may be gone at the next try."""
        if isinstance(reason, ssl.SSLCertVerificationError | ValueError):
            return False
        if isinstance(reason, TimeoutError | ConnectionRefusedError):
            return self._patient
        return isinstance(reason, OSError | http.client.HTTPException)

    def _body(self, answer: Any, place: str) -> bytes:
        """Return a whole body: not more than allowed, not later than allowed, not less than announced."""
        pieces: list[bytes] = []
        size = 0
        deadline = time.monotonic() + self._timeout
        while piece := answer.read1(_STEP):
            pieces.append(piece)
            size += len(piece)
            if size > self._most:
                raise RemoteError(
                    f"{place} answered more than {self._most:,} bytes", url=place, hint="add a LIMIT"
                )
            if time.monotonic() > deadline:
                raise TimeoutError(f"the answer took more than {self._timeout:g} seconds")
        announced = answer.headers.get("Content-Length")
        if announced is not None and announced.isdigit() and int(announced) != size:
            raise http.client.IncompleteRead(b"", int(announced) - size)
        return b"".join(pieces)


class _TransientError(Exception):
    """What may be gone at the next try, and how many seconds the server wants to be left alone."""

    def __init__(self, reason: RemoteError, after: float = 0.0) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.after = after


class _SameServer(urllib.request.HTTPRedirectHandler):
    """Follows a redirect of what is only read, to the same server."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> Request | None:
        place, target = _place(req.full_url), _place(newurl)
        if _server(place) != _server(target):
            raise RemoteError(
                f"{place} sends us to {target}: no other server is asked", url=place, status=code
            )
        if req.get_method() not in {"GET", "HEAD"}:
            raise RemoteError(f"{place} has moved", url=place, status=code, hint=f"give the address {target}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Credentials:
    """Who we are, told to whoever asks for it in the way it is asked for."""

    def __init__(self) -> None:
        self._token = os.environ.get("CKG_TOKEN", "")
        self._user = os.environ.get("CKG_USER", "")
        self._password = os.environ.get("CKG_PASSWORD", "")
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        self._digest = urllib.request.HTTPDigestAuthHandler(passwords)
        self._passwords = passwords
        self._challenge: dict[str, str] = {}
        self._server = ""
        self._simple = ""

    def add(self, request: Request) -> None:
        """Sign a request to the server that has asked for it."""
        if self._server != _server(request.full_url):
            return
        said = self._simple
        if self._challenge:
            said = f"Digest {self._digest.get_authorization(request, self._challenge)}"
        if said:
            request.add_unredirected_header("Authorization", said)

    def challenged(self, request: Request, error: RemoteError) -> bool:
        """Take note of how a server asks who we are; False where there is nothing (more) to tell it."""
        scheme, _, rest = error.challenge.partition(" ")
        challenge: dict[str, str] = {}
        if scheme.lower() == "digest" and self._user:
            found = urllib.request.parse_http_list(rest)
            challenge = urllib.request.parse_keqv_list([each for each in found if "=" in each])
        told = request.has_header("Authorization")
        # A new nonce is a new question: the old one was too old, or meant for another path.
        asked_anew = bool(challenge) and challenge.get("nonce") != self._challenge.get("nonce")
        if not (self._token or self._user) or (told and not asked_anew):
            return False
        parts = urlsplit(request.full_url)
        if parts.scheme != "https" and not _is_here(parts.hostname or ""):
            raise RemoteError(
                f"{_place(request.full_url)} asks for credentials over http, where anybody could read them",
                status=error.status,
                hint="give an address that begins with https://",
            )
        self._server = _server(request.full_url)
        if challenge:
            self._challenge = challenge
            self._passwords.add_password(None, request.full_url, self._user, self._password)
        elif self._token:
            self._simple = f"Bearer {self._token}"
        else:
            self._simple = "Basic " + b64encode(f"{self._user}:{self._password}".encode()).decode()
        return True


def _refusal(error: urllib.error.HTTPError, place: str) -> RemoteError:
    try:
        said = error.read(_SAID).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        said = ""
    return RemoteError(
        f"{place} answered {error.code}: {' '.join(said.split())[:300] or error.reason or 'no reason given'}",
        url=place,
        status=error.code,
        challenge=error.headers.get("WWW-Authenticate", "") or "",
    )


def _headers(found: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in found.items()}


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 0.0


def _place(url: str) -> str:
    """Return an address without its query, as it may stand in a message."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _server(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'http': 80, 'https': 443}.get(parts.scheme)}"


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
