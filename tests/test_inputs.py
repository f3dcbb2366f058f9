"""Which files a build reads."""

from __future__ import annotations

import os

import pytest

from kg.errors import Issue, NotFoundError
from kg.inputs import File, collect, read
from tests.notes import write


def found(*paths):
    inputs = collect(paths)
    return [file.path for file in inputs.files], [(issue.path, issue.code) for issue in inputs.issues]


def test_paths_are_those_below_the_folder_given_in_order(tmp_path):
    """Files of a folder are sorted by their path below it, with forward slashes."""
    write(tmp_path, {"b/z.md": "1", "b/a.md": "2", "a.md": "3"})

    assert found(tmp_path) == (["a.md", "b/a.md", "b/z.md"], [])


def test_a_file_given_alone_has_its_name_as_path(tmp_path):
    """The folder a file lies in is not part of its path."""
    write(tmp_path, {"b/z.md": "1"})

    assert found(tmp_path / "b" / "z.md") == (["z.md"], [])


@pytest.mark.parametrize("turned", [False, True])
def test_the_same_file_given_twice_is_one_with_the_longer_path(tmp_path, turned):
    """A file in a folder within a folder is named by the outer one, whichever comes first."""
    write(tmp_path, {"b/z.md": "1", "a.md": "2"})
    given = [tmp_path, tmp_path / "b", tmp_path / "b" / "z.md"]

    assert found(*(reversed(given) if turned else given)) == (["a.md", "b/z.md"], [])


def test_hidden_files_are_skipped(tmp_path):
    """What begins with a dot, such as a repository's own folder, is no input."""
    write(tmp_path, {".git/config": "1", ".hidden": "2", "seen": "3"})

    assert found(tmp_path) == (["seen"], [])


def test_links_are_not_followed_and_named_where_something_is_missed(tmp_path):
    """Loops, broken links and links that lead out are issues; a link to what is read anyway is none."""
    write(tmp_path, {"in/folder/a.md": "1", "out/secret.md": "2"})
    root = tmp_path / "in"
    (root / "loop").symlink_to(root)
    (root / "folder" / "up").symlink_to("..")
    (root / "self").symlink_to("self")
    (root / "broken").symlink_to("nowhere")
    (root / "outside").symlink_to(tmp_path / "out")
    (root / "outside.md").symlink_to(tmp_path / "out" / "secret.md")
    (root / "twin.md").symlink_to("folder/a.md")

    paths, issues = found(root)

    assert paths == ["folder/a.md"]
    assert issues == [
        ("broken", "broken-link"),
        ("folder/up", "directory-loop"),
        ("loop", "directory-loop"),
        ("outside", "link-outside"),
        ("outside.md", "link-outside"),
        ("self", "directory-loop"),
    ]


def test_a_link_that_was_given_is_followed(tmp_path):
    """The user who names a link means what it leads to."""
    write(tmp_path, {"real/a.md": "1"})
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "other.md").symlink_to("real/a.md")
    (tmp_path / "broken").symlink_to("nowhere")

    assert found(tmp_path / "link") == (["a.md"], [])
    assert found(tmp_path / "other.md") == (["other.md"], [])
    assert found(tmp_path / "broken") == ([], [("broken", "broken-link")])


def test_a_pipe_is_no_file_and_is_not_waited_for(tmp_path):
    """Opening a pipe would block for ever."""
    os.mkfifo(tmp_path / "pipe")

    assert found(tmp_path) == ([], [("pipe", "not-a-file")])


def test_names_take_one_unicode_form_and_odd_bytes_are_escaped(tmp_path):
    """A decomposed name and its composed twin give one path; a name that is no UTF-8 can be written down."""
    write(tmp_path, {"e\u0301.md": "1"})
    (tmp_path / os.fsdecode(b"bad-\xff.md")).write_text("2")

    assert found(tmp_path)[0] == ["bad-\\xff.md", "\u00e9.md"]


def test_a_path_that_does_not_exist_is_an_error(tmp_path):
    """A typing error on the command line is not an odd document."""
    with pytest.raises(NotFoundError, match="no file or folder"):
        collect([tmp_path / "nothing"])


def test_files_of_one_path_from_two_folders_are_both_read_and_neighbours_do_not_depend_on_order(tmp_path):
    """Two folders may hold a file of one path; what neighbours see of it is chosen by content."""
    write(tmp_path, {"one/a.md": "1", "two/a.md": "2"})
    given = [tmp_path / "one", tmp_path / "two"]

    inputs = collect(given)

    assert [file.path for file in inputs.files] == ["a.md", "a.md"]
    assert inputs.neighbours() == collect(reversed(given)).neighbours()


def test_a_file_that_is_too_large_or_gone_is_an_issue(tmp_path):
    """Its size is looked at before it is read."""
    write(tmp_path, {"big": b"x" * 100})
    big = File("big", tmp_path / "big")

    assert read(big, max_bytes=100) == b"x" * 100
    assert read(big, max_bytes=99) == Issue("big", 0, "too-large", "100 bytes; the limit is 99")
    assert read(File("gone", tmp_path / "gone")).code == "unreadable"
