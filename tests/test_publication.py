"""A graph on disk: whole or not at all, whenever and however the builder dies."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from kg import publication
from kg.errors import KgError, NotFoundError
from kg.publication import BusyError, DamagedError, Version


def lines(number: int, count: int = 50) -> list[bytes]:
    return [f'<http://a/{n:04}> <http://p> "{number}" <http://g> .\n'.encode() for n in range(count)]


def publish(folder: Path, number: int, report: dict | None = None) -> Version:
    with publication.draft(folder) as draft:
        draft.write(lines(number))
        return draft.publish({"number": number}, report or {"issues": []})


def content(folder: Path) -> int:
    """Which graph a folder holds; the test fails if it is none of ours, or not whole."""
    version = publication.current(folder)
    version.verify()
    number = version.manifest["number"]
    assert version.lines.read_bytes() == b"".join(lines(number))
    assert version.report == {"issues": []}
    return number


def test_a_published_graph_is_named_by_the_hash_of_its_lines(tmp_path):
    """Its folder, the file and `sha256sum` agree."""
    version = publish(tmp_path / "graph", 1)

    assert version == publication.current(tmp_path / "graph")
    assert version.sha256 == hashlib.sha256(b"".join(lines(1))).hexdigest()
    assert sorted(each.name for each in version.folder.iterdir()) == [
        "graph.nq",
        "manifest.json",
        "report.json",
    ]


def test_lines_that_cannot_be_read_back_are_not_published(tmp_path, monkeypatch):
    """The former graph stays."""
    publish(tmp_path, 1)
    monkeypatch.setattr(os, "pread", lambda *_: b"something else")

    with pytest.raises(DamagedError, match="read back"):
        publish(tmp_path, 2)

    assert content(tmp_path) == 1


def test_nothing_private_is_left_beside_it(tmp_path):
    """A reader finds the lock, the graphs and `current`."""
    version = publish(tmp_path, 1)

    assert {each.name for each in tmp_path.iterdir()} == {"LOCK", "current", version.sha256}


def test_publishing_an_equal_graph_changes_nothing_but_its_report(tmp_path):
    """The name is the content: what is there already is left alone."""
    version = publish(tmp_path, 1)
    before = version.lines.stat()

    again = publish(tmp_path, 1, {"issues": [{"path": "new"}]})

    assert again == version
    assert (version.lines.stat().st_ino, version.lines.stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )
    assert version.report == {"issues": [{"path": "new"}]}
    assert [each.name for each in version.folder.iterdir() if "tmp" in each.name] == []


def test_the_newest_three_are_kept(tmp_path):
    """Older ones go, the current one never."""
    made = [publish(tmp_path, number) for number in range(5)]

    assert publication.versions(tmp_path) == tuple(reversed(made[2:]))
    assert content(tmp_path) == 4


def test_going_back_is_publishing_what_is_still_there(tmp_path):
    """A former graph becomes the current one again, without being written anew."""
    first = publish(tmp_path, 1)
    inode = first.lines.stat().st_ino
    publish(tmp_path, 2)

    publish(tmp_path, 1)

    assert content(tmp_path) == 1
    assert first.lines.stat().st_ino == inode


def test_where_there_is_no_graph_the_message_says_how_to_make_one(tmp_path):
    """A folder without a graph is a thing the user can mend."""
    with pytest.raises(NotFoundError, match="kg build"):
        publication.current(tmp_path)


def test_a_graph_is_not_built_into_a_file(tmp_path):
    """The user meant `kg export`."""
    (tmp_path / "graph.nq").write_text("")

    with pytest.raises(KgError, match="is a file"), publication.draft(tmp_path / "graph.nq"):
        pass


def test_a_second_builder_is_refused_at_once_and_told_who_builds(tmp_path):
    """Exactly one holds the lock, and it is free again afterwards."""
    with publication.draft(tmp_path), pytest.raises(BusyError, match=f"process {os.getpid()} since"):
        publish(tmp_path, 1)

    publish(tmp_path, 2)

    assert content(tmp_path) == 2


def test_a_lock_left_by_a_dead_builder_stops_nobody(tmp_path):
    """The system frees the lock with the process; the file alone means nothing."""
    (tmp_path / "LOCK").write_text("process 1 since ever\n")
    (tmp_path / "building-abc").mkdir()
    (tmp_path / "building-abc" / "graph.nq").write_text("half")
    (tmp_path / "current.tmp").symlink_to("nowhere")

    publish(tmp_path, 1)

    assert content(tmp_path) == 1
    assert not list(tmp_path.glob("building-*"))
    assert not (tmp_path / "current.tmp").is_symlink()


RACE = """
import sys
from pathlib import Path
from kg import publication
from tests.test_publication import publish, BusyError
try:
    with publication.draft(Path(sys.argv[1])) as draft:
        sys.stdin.readline()
except BusyError:
    sys.exit(3)
"""
KILLED = """
import sys
from pathlib import Path
from tests.test_publication import publish
number = int(sys.argv[2])
while True:
    publish(Path(sys.argv[1]), number)
    print(number, flush=True)
    number += 1
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


def test_of_two_processes_one_builds_and_the_other_gives_up(tmp_path):
    """Whichever comes second ends at once."""
    command = [sys.executable, "-c", RACE, str(tmp_path)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, env=ENVIRONMENT, text=True) for _ in range(2)
    ]
    deadline = time.monotonic() + 20
    while not any(each.poll() is not None for each in processes) and time.monotonic() < deadline:
        time.sleep(0.02)
    for each in processes:
        each.communicate("\n")

    assert sorted(each.returncode for each in processes) == [0, 3]


def test_a_killed_builder_leaves_the_former_graph_or_the_new_one(tmp_path):
    """At any moment of a kill, `current` is whole, and nothing that was published is lost."""
    publish(tmp_path, 0)
    done = 0
    for round_ in range(12):
        builder = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path), str(done + 1)],
            stdout=subprocess.PIPE,
            env=ENVIRONMENT,
            text=True,
        )
        said = [int(builder.stdout.readline())]
        time.sleep(random.Random(round_).uniform(0, 0.05))
        builder.send_signal(signal.SIGKILL)
        said += [int(word) for word in builder.stdout.read().split()]
        builder.wait()
        builder.stdout.close()
        now = content(tmp_path)

        assert now in (said[-1], said[-1] + 1)
        done = now
    publish(tmp_path, 7)
    assert content(tmp_path) == 7
    assert not list(tmp_path.glob("building-*"))


CALLS = (
    "write",
    "fsync",
    "rename",
    "replace",
    "symlink",
    "mkdir",
    "open",
    "utime",
    "ftruncate",
    "rmdir",
    "unlink",
)


@contextmanager
def failing(monkeypatch, call: str, number: int):
    """Let the n-th call of an `os` function fail; gives how often it was called."""
    real = getattr(os, call)
    calls = [0]

    def fail(*arguments, **options):
        calls[0] += 1
        if calls[0] == number:
            raise OSError(errno.EIO, "Input/output error")
        return real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        yield calls


@pytest.mark.parametrize("call", CALLS)
def test_a_fault_of_any_system_call_leaves_the_former_graph_or_the_new_one(tmp_path, monkeypatch, call):
    """Whichever call fails, `current` is whole; the next build is as if nothing had happened."""
    number = 0
    while True:
        number += 1
        folder = tmp_path / str(number)
        publish(folder, 1)
        with failing(monkeypatch, call, number) as calls:
            try:
                publish(folder, 2)
                failed = False
            except OSError:
                failed = True
        assert content(folder) in ((1, 2) if failed else (2,))
        publish(folder, 2)
        assert content(folder) == 2
        assert not list(folder.glob("building-*"))
        if calls[0] < number:
            break
    assert number > 1 or call in ("rmdir", "unlink")


@pytest.mark.parametrize("room", [0, 1, 700, 2000, len(b"".join(lines(2))) - 1])
def test_a_full_disk_leaves_the_former_graph_and_nothing_else(tmp_path, room):
    """The build fails with the system's words, and what it wrote is removed."""
    publish(tmp_path, 1)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limit[1]))
        with pytest.raises(OSError, match="too large"):
            publish(tmp_path, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, former)

    assert content(tmp_path) == 1
    assert not list(tmp_path.glob("building-*"))
    assert len(publication.versions(tmp_path)) == 1


def test_what_a_name_leads_to_is_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    """Files are synced before their folder, the folder before it is renamed, the rename before `current`."""
    publish(tmp_path, 1)
    trace: list[str] = []
    real = {name: getattr(os, name) for name in ("fsync", "rename", "replace")}

    def spelled(place) -> str:
        return str(place).replace(str(tmp_path), "").lstrip("/")

    def fsync(handle):
        place = spelled(Path(f"/proc/self/fd/{handle}").readlink())
        trace.append("sync " + ("." if not place else "draft" if "/" not in place else place.split("/")[1]))
        real["fsync"](handle)

    def rename(old, new):
        trace.append("name graph")
        real["rename"](old, new)

    def replace(old, new):
        trace.append(f"name {spelled(new)}")
        real["replace"](old, new)

    for name, double in (("fsync", fsync), ("rename", rename), ("replace", replace)):
        monkeypatch.setattr(os, name, double)
    publish(tmp_path, 2)

    assert trace == [
        "sync graph.nq",
        "sync manifest.json",
        "sync report.json",
        "sync draft",
        "name graph",
        "sync .",
        "name current",
        "sync .",
    ]


def test_every_change_of_a_published_file_is_detected(tmp_path):
    """A flipped, missing or added byte anywhere changes the hash."""
    version = publish(tmp_path, 1)
    whole = version.lines.read_bytes()
    chance = random.Random(5)
    for _ in range(200):
        where = chance.randrange(len(whole))
        flipped = bytes([whole[where] ^ (1 << chance.randrange(8))])
        put = chance.choice([flipped, b"", b"x" + whole[where : where + 1]])
        version.lines.write_bytes(whole[:where] + put + whole[where + 1 :])
        if version.lines.read_bytes() != whole:
            with pytest.raises(DamagedError):
                version.verify()
    version.lines.unlink()
    with pytest.raises(DamagedError):
        version.verify()


def test_a_damaged_graph_is_mended_by_building_it_again(tmp_path):
    """An equal build does not trust what is there: it looks."""
    version = publish(tmp_path, 1)
    version.lines.write_bytes(b"damaged")

    publish(tmp_path, 1)

    assert content(tmp_path) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", json.dumps("x")])
def test_a_damaged_report_is_said_to_be_so(tmp_path, text):
    """Not a traceback of the JSON reader."""
    version = publish(tmp_path, 1)
    (version.folder / "report.json").write_text(text)

    with pytest.raises(DamagedError, match="report"):
        version.report  # noqa: B018
