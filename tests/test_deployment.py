"""What is there to run a server: the unit, the container file, and several servers over one folder."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

import httpx
import pytest

from kg import publication
from tests.conftest import CHECKOUT
from tests.serving import Reply, Server, running

DEPLOY = CHECKOUT / "kg/web/deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def publish(folder: Path, count: int) -> str:
    """Publish a graph of so many statements; return its hash."""
    lines = sorted(
        f'<https://example.org/{n}> <https://example.org/p> "{n}" .\n'.encode() for n in range(count)
    )
    with publication.draft(folder) as draft:
        draft.write(lines)
        return draft.publish({}, {}).sha256


@contextmanager
def two_servers(folder: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers over a graph's folder, asked by the name that a proxy passes on."""
    named = ("--allow-host", "kg.example.org")
    with (
        running(folder, folder.parent / "one", *named) as one,
        running(folder, folder.parent / "two", *named) as two,
    ):
        yield one, two


def test_two_servers_over_one_folder_answer_alike_and_follow_a_new_build(tmp_path: Path) -> None:
    """The same bodies and tags from both, asked by the name that a proxy passes on; what one gave, the other knows."""
    folder = tmp_path / "graph"
    graph = publish(folder, 50)
    with two_servers(folder) as (one, two):
        alike(one, two, graph, 50)
        graph = publish(folder, 51)
        end = time.monotonic() + 15
        while time.monotonic() < end and {asked(one)[0], asked(two)[0]} != {graph}:
            time.sleep(0.05)
        alike(one, two, graph, 51)


@pytest.mark.slow
def test_who_asks_several_in_turn_sees_no_error_while_graphs_are_published(tmp_path: Path) -> None:
    """Each answer is that of the graph it names, and each new graph comes to be answered from by both."""
    folder = tmp_path / "graph"
    known = {publish(folder, 100): 100}
    seen: list[tuple[int, str, int]] = []
    stop = threading.Event()
    with two_servers(folder) as (one, two):

        def asking() -> None:
            for server in cycle((one, two)):
                if stop.is_set():
                    return
                graph, reply = asked(server)
                number = reply.json()["results"]["bindings"][0]["n"]["value"] if reply.status == 200 else -1
                seen.append((reply.status, graph, int(number)))

        thread = threading.Thread(target=asking)
        thread.start()
        for count in (200, 300, 400):
            newest = publish(folder, count)
            known[newest] = count
            end = time.monotonic() + 30
            while {asked(one)[0], asked(two)[0]} != {newest} and time.monotonic() < end:
                time.sleep(0.1)
            alike(one, two, newest, count)
        stop.set()
        thread.join()

    assert len(seen) > 10
    assert [each for each in seen if each[0] != 200 or known.get(each[1]) != each[2]] == []


def asked(server: Server, **headers: str) -> tuple[str, Reply]:
    """The graph that an answer is of, and the answer."""
    reply = server.ask(params={"query": COUNT}, headers={"host": "kg.example.org", **headers})
    return reply.headers["x-graph-sha256"], reply


def alike(one: Server, two: Server, graph: str, count: int) -> None:
    """Check that two servers give the same answer of a graph under the same tag."""
    (first_graph, first), (second_graph, second) = asked(one), asked(two)

    assert first.json()["results"]["bindings"][0]["n"]["value"] == str(count)
    assert first_graph == second_graph == graph
    assert (first.body, first.headers["etag"]) == (second.body, second.headers["etag"])
    tag = {"if-none-match": first.headers["etag"]}
    assert asked(two, **tag)[1].status == 304


@pytest.mark.skipif(not (NGINX and shutil.which("openssl")), reason="nginx or openssl is not installed")
def test_nginx_spreads_requests_and_nobody_notes_that_a_server_ends(tmp_path: Path) -> None:
    """The configuration as it stands, but for places and ports: TLS, both servers asked, one enough, figures for us alone."""
    folder = tmp_path / "graph"
    graph = publish(folder, 50)
    with two_servers(folder) as (one, two), proxied(tmp_path, one.port, two.port) as client:
        for number in range(40):
            reply = client.get("/sparql", params={"query": f"{COUNT} # {number}"})
            assert (reply.status_code, reply.headers["x-graph-sha256"]) == (200, graph)
        served = [
            int(re.findall(r"kg_tasks_answered_total (\d+)", each.ask("metrics").body.decode())[0])
            for each in (one, two)
        ]
        assert min(served) > 0
        assert sum(served) == 40
        two.process.terminate()
        two.process.wait(20)
        for number in range(40):
            assert client.post("/sparql", data={"query": f"{COUNT} # {number}"}).status_code == 200
        assert client.get("/metrics").status_code == 200
        assert client.post("/sparql", content=b" " * 100_000).status_code == 413


@contextmanager
def proxied(folder: Path, *ports: int) -> Iterator[httpx.Client]:
    """Give a client of nginx with our configuration before servers at two ports."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kg.example.org",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    port = free_port()
    text = (DEPLOY / "nginx.conf").read_text()
    for said, meant in {
        "127.0.0.1:8081": f"127.0.0.1:{ports[0]}", "127.0.0.1:8082": f"127.0.0.1:{ports[1]}",
        "listen 443": f"listen 127.0.0.1:{port}", "/etc/ssl/kg.example.org.pem": str(certificate),
        "/etc/ssl/kg.example.org.key": str(key),
    }.items():  # fmt: skip
        assert said in text
        text = text.replace(said, meant)
    (folder / "servers.conf").write_text(text)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; events {{}} http {{ access_log off; {temporary} include {folder}/servers.conf; }}"
    )
    command = [str(NGINX), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = f"https://127.0.0.1:{port}"
            with httpx.Client(base_url=address, verify=False, headers={"host": "kg.example.org"}) as client:
                end = time.monotonic() + 15
                while time.monotonic() < end and process.poll() is None:
                    with suppress(httpx.TransportError):
                        client.get("/health")
                        break
                    time.sleep(0.05)
                assert process.poll() is None, process.stderr and process.stderr.read()
                yield client
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_the_unit_is_one_that_systemd_knows(tmp_path: Path) -> None:
    """No line of it is unknown, and its verb and options are there."""
    text = (DEPLOY / "kg-serve.service").read_text()
    unit = tmp_path / "kg-serve.service"
    unit.write_text(text.replace("/opt/compliance-kg/bin/kg", f"{sys.executable} -m kg"))

    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert found.returncode == 0, found.stderr
    assert "kg-serve.service:" not in found.stderr


@pytest.mark.parametrize("name", ["kg-serve.service", "Containerfile", "README.md"])
def test_the_options_it_is_started_with_are_there(name: str) -> None:
    """Each option in the command is one of the verb."""
    text = (DEPLOY / name).read_text()
    said = re.findall(r'kg"?,? "?serve\b.*', text)
    known = subprocess.run(
        [sys.executable, "-m", "kg", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=CHECKOUT,
    ).stdout

    assert said
    for option in re.findall(r"--[a-z-]+", " ".join(said)):
        assert option in known


def test_the_container_runs_without_rights_and_holds_what_is_locked() -> None:
    """The last user is nobody, packages are checked by their hashes, no registry is named, what is copied exists."""
    text = (DEPLOY / "Containerfile").read_text()

    assert re.findall(r"^USER (.*)$", text, re.MULTILINE)[-1] == "65534:65534"
    assert "--require-hashes" in text
    assert not re.search(r"index-url|https?://(?!127\.0\.0\.1)|^FROM \S*[./]\S*/", text, re.MULTILINE)
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
        assert all((CHECKOUT / source).exists() for source in line.split())

    wheel = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    copied = " ".join(re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE)).split()
    assert set(wheel["force-include"]) <= set(copied)


def test_the_container_is_well_while_its_server_answers(tmp_path: Path) -> None:
    """The command that looks after it fails once nothing answers; and the image is made in the form that keeps it."""
    text = (DEPLOY / "Containerfile").read_text()
    found = re.search(r"^HEALTHCHECK .*\\\n  CMD (\[.*\])$", text, re.MULTILINE)
    assert found
    program, *arguments = json.loads(found[1])
    assert f"COPY --from=made {program.removesuffix('/bin/python')} " in text
    publish(tmp_path / "graph", 3)
    with running(tmp_path / "graph", tmp_path / "log") as server:
        command = [sys.executable, *(each.replace(":8080", f":{server.port}") for each in arguments)]
        assert str(server.port) in command[-1]
        assert subprocess.run(command, timeout=20, check=False).returncode == 0
    assert subprocess.run(command, timeout=20, check=False, capture_output=True).returncode != 0
    # What podman makes by itself (OCI) has no place for such a command, and drops it.
    assert "podman build --format docker" in (DEPLOY / "README.md").read_text()


def test_a_server_needs_no_home_and_leaves_the_graph_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the container, whose user has no home, and where everything but `/tmp` is read only."""
    folder = tmp_path / "graph"
    publish(folder, 50)
    before = {each: each.lstat().st_mtime_ns for each in folder.rglob("*")}
    monkeypatch.setenv("HOME", str(tmp_path / "none"))
    with running(folder, tmp_path / "log") as server:
        reply = server.query(COUNT)
        assert reply.json()["results"]["bindings"][0]["n"]["value"] == "50"
        assert server.ask("ask").status == 200

    assert {each: each.lstat().st_mtime_ns for each in folder.rglob("*")} == before
    assert not (tmp_path / "none").exists()
