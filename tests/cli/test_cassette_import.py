"""``streamchunk cassette import``: names, folders and files, what is never written over, secrets, and how it ends."""

import json

import pytest

from foreign import ANSWER, URL, WEATHER, entry, har, lines, taped, vcrpy
from harness.cassettes import cassette, writing

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z"
SUNNY = taped('{"sky": "blue"}', uri=WEATHER)


def second():
    return taped(asked={"model": "m", "messages": [], "n": 2})


@pytest.fixture
def tapes(tmp_path):
    """A file of vcrpy's with two answers, and one stranger between them."""
    path = tmp_path / "test_chat.yaml"
    path.write_bytes(vcrpy(taped(), SUNNY, second()))
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_each_answer_is_a_cassette_called_after_its_file_and_its_number(streamchunk, tapes, tmp_path):
    out = tmp_path / "a" / "b"
    ran = streamchunk("cassette", "import", tapes, "-o", out)
    assert (ran.status, ran.err) == (0, "")
    assert ran.lines == [
        (
            f"{tapes}: vcrpy, 2 of 3 interactions imported; 1 left out: no answer of a language model; "
            f"in {out}/test_chat-1.yaml … test_chat-3.yaml"
        ),
        "streamchunk: imported (exit 0): 1 file, 2 cassettes written",
    ]
    assert names(out) == ["test_chat-1.yaml", "test_chat-3.yaml"]


def test_one_file_takes_all_answers_of_all_files(streamchunk, tapes, tmp_path):
    more = tmp_path / "more.har"
    more.write_bytes(har(entry(asked={"n": 3})))
    out = tmp_path / "all.yaml"
    ran = streamchunk("cassette", "import", tapes, more, "-o", out)
    assert (ran.status, ran.last) == (0, "streamchunk: imported (exit 0): 2 files, 1 cassette written")
    assert len(cassette.read(out).interactions) == 3
    assert streamchunk("cassette", "verify", out).status == 0


def test_one_file_cannot_be_recorded_and_synthetic(streamchunk, tapes, tmp_path):
    made = tmp_path / "made.yaml"
    made.write_bytes(vcrpy(taped(), provenance="synthetic"))
    ran = streamchunk("cassette", "import", tapes, made, "-o", tmp_path / "all.yaml")
    assert ran.status == 2
    assert "one cassette cannot be recorded and synthetic; name a folder with -o" in ran.err
    assert not (tmp_path / "all.yaml").exists()


@pytest.mark.parametrize("is_one", [True, False])
def test_nothing_is_written_over_without_force(streamchunk, tmp_path, is_one):
    source = tmp_path / "in.yaml"
    source.write_bytes(vcrpy(taped()))
    out = tmp_path / ("one.yaml" if is_one else "out")
    there = out if is_one else out / "in.yaml"
    there.parent.mkdir(exist_ok=True)
    there.write_text("precious")
    ran = streamchunk("cassette", "import", source, "-o", out)
    assert (ran.status, there.read_text()) == (2, "precious")
    assert f"{there} is there already; --force writes over it" in ran.err
    ran = streamchunk("cassette", "import", source, "-o", out, "--force")
    assert ran.status == 0
    assert cassette.read(there).body.decode() == ANSWER


def test_force_does_not_write_over_what_this_run_wrote(streamchunk, tmp_path):
    sources = [tmp_path / folder / "in.yaml" for folder in "ab"]
    for source in sources:
        source.parent.mkdir()
        source.write_bytes(vcrpy(taped()))
    sources.append(sources[1])
    ran = streamchunk("cassette", "import", *sources, "-o", tmp_path / "out", "--force")
    assert ran.status == 2
    assert f"is the cassette of {sources[1]} already; import into two folders" in ran.err
    assert names(tmp_path / "out") == ["in.yaml", "in.yaml.yaml"]


def test_files_of_one_stem_get_their_whole_names(streamchunk, tmp_path):
    body, messages = tmp_path / "a.sse", tmp_path / "a.chunks.txt"
    body.write_text(ANSWER)
    messages.write_bytes(lines(*(json.loads(line[6:]) for line in ANSWER.splitlines() if line.startswith("data: {"))))
    assert streamchunk("cassette", "import", body, messages, "-o", tmp_path / "out").status == 0
    assert names(tmp_path / "out") == ["a.chunks.txt.yaml", "a.yaml"]


@pytest.mark.parametrize("name", ["-rf.sse", "a b;c.sse", "…", "x" * 200 + ".sse", ".sse"])
def test_a_cassettes_name_is_one_that_every_system_takes(streamchunk, tmp_path, name):
    (tmp_path / name).write_text(ANSWER)
    ran = streamchunk("cassette", "import", tmp_path / name, "-o", tmp_path / "out")
    assert ran.status == 0
    [made] = names(tmp_path / "out")
    assert made.isascii()
    assert not made.startswith(("-", "."))
    assert len(made) < 160


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_imported(streamchunk, tapes, tmp_path):
    ran = streamchunk("cassette", "import", tmp_path / "none.har", tapes, "-o", tmp_path / "out")
    assert ran.status == 2
    assert ran.err == f"{tmp_path / 'none.har'}: there is no such file\n"
    assert ran.last == "streamchunk: unreadable input (exit 2): 2 files, 2 cassettes written"


def test_one_file_is_not_written_if_any_of_its_sources_cannot_be_read(streamchunk, tapes, tmp_path):
    ran = streamchunk("cassette", "import", tmp_path / "none.har", tapes, "-o", tmp_path / "out.yaml")
    assert ran.status == 2
    assert ran.last == "streamchunk: unreadable input (exit 2): 2 files, 0 cassettes written"
    assert not (tmp_path / "out.yaml").exists()


@pytest.mark.parametrize("out", ["out", "out.yaml"])
def test_nothing_to_import_is_said(streamchunk, tmp_path, out):
    path = tmp_path / "sunny.yaml"
    path.write_bytes(vcrpy(SUNNY))
    ran = streamchunk("cassette", "import", path, "-o", tmp_path / out)
    assert ran.status == 4
    assert ran.lines == [
        f"{path}: vcrpy, 0 of 1 interaction imported; 1 left out: no answer of a language model",
        "streamchunk: nothing to import (exit 4): 1 file, 0 cassettes written",
    ]
    assert not (tmp_path / out).exists()


def test_secrets_never_reach_the_disk_and_pieces_keep_their_lengths(streamchunk, tmp_path):
    said = ANSWER.replace("Grüße", f"your key is {KEY}, jane.doe@acme-corp.com")
    one = taped(
        said,
        asked={"model": "m", "messages": [{"role": "user", "content": f"what is {KEY}?"}]},
        uri=f"{URL}?api_key={KEY}",
        headers={"set-cookie": ["session=s3cr3tS3ss10nT0k3n00; Path=/"], "openai-organization": ["acme-corp-1"]},
        streamchunk={"pieces": [[30, 0], [len(said.encode()) - 30, 2]]},
    )
    one["request"]["headers"] = {"Authorization": [f"Bearer {KEY}"]}
    path = tmp_path / "in.yaml"
    path.write_bytes(vcrpy(one))
    assert streamchunk("cassette", "import", path, "-o", tmp_path / "out").status == 0
    text = (tmp_path / "out" / "in.yaml").read_text()
    for secret in (KEY, KEY[8:], "jane.doe", "acme-corp", "s3cr3tS3ss10n"):
        assert secret not in text
    assert streamchunk("cassette", "scan", tmp_path / "out").status == 0
    tape = cassette.read(tmp_path / "out" / "in.yaml")
    assert [cut.length for cut in tape.only.cuts] == [30, len(said.encode()) - 30]
    assert len(tape.body) == len(said.encode())


def test_a_key_of_one_request_is_cut_out_of_every_answer(streamchunk, tmp_path):
    odd = "entirely-unlikely-Word-7731"
    asking = taped()
    asking["request"]["headers"] = {"x-api-key": [odd]}
    telling = taped(ANSWER.replace("Grüße", odd), asked={"n": 2})
    path = tmp_path / "in.yaml"
    path.write_bytes(vcrpy(asking, telling))
    assert streamchunk("cassette", "import", path, "-o", tmp_path / "out").status == 0
    assert all(odd not in file.read_text() for file in (tmp_path / "out").iterdir())


@pytest.mark.slow
def test_a_long_body_lies_beside_its_cassette(streamchunk, tmp_path):
    chunk = json.dumps({"id": "r", "choices": [{"index": 0, "delta": {"content": "x" * 1_000_000}}]})
    path = tmp_path / "long.sse"
    path.write_text(f"data: {chunk}\n\n" * 9 + ANSWER)
    assert streamchunk("cassette", "import", path, "-o", tmp_path / "out").status == 0
    cassette_, body = names(tmp_path / "out")[::-1]
    assert (cassette_, body.startswith("long.0-"), body.endswith(".body")) == ("long.yaml", True, True)
    assert (tmp_path / "out" / body).read_bytes() == path.read_bytes()
    assert streamchunk("cassette", "verify", tmp_path / "out").status == 0


def test_a_full_disk_leaves_nothing_of_a_file(streamchunk, tapes, tmp_path, monkeypatch):
    fill = writing._fill

    def full(path, pieces):
        if names(tmp_path / "out"):
            raise OSError(28, "No space left on device")
        fill(path, pieces)

    monkeypatch.setattr(writing, "_fill", full)
    ran = streamchunk("cassette", "import", tapes, "-o", tmp_path / "out")
    assert ran.status == 2
    assert "test_chat-3.yaml: cannot be written: No space left on device" in ran.err
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["x"], "Missing option '-o'"),
        (["-o", "x"], "Missing argument 'FILE...'"),
        (["x", "-o", "x", "--format", "pcap"], "'pcap' is not one of 'har'"),
        (["x", "-o", "x", "--wire", "bedrock-invoke"], "is out of scope"),
    ],
)
def test_a_command_that_cannot_be_followed_says_why(streamchunk, arguments, words):
    ran = streamchunk("cassette", "import", *arguments)
    assert ran.status == 2
    assert words in ran.err


def test_a_folder_that_cannot_be_made_is_told(streamchunk, tapes):
    ran = streamchunk("cassette", "import", tapes, "-o", tapes / "out")
    assert ran.status == 2
    assert "cannot be written: Not a directory" in ran.err


def test_the_output_may_be_a_folder_that_is_called_like_a_file(streamchunk, tapes, tmp_path):
    (tmp_path / "out.yaml").mkdir()
    assert streamchunk("cassette", "import", tapes, "-o", tmp_path / "out.yaml").status == 0
    assert names(tmp_path / "out.yaml") == ["test_chat-1.yaml", "test_chat-3.yaml"]
