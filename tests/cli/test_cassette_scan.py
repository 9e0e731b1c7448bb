"""``streamchunk cassette scan``: what looks like a secret is told with its place, and never shown."""

import base64
import gzip
import hashlib
import json
import re

import brotli
import pytest
import yaml
from backports import zstd

from harness.resources import folder

KEY = "sk-" + "ant-api03-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7"
SSE = f'data: {{"text":"hello"}}\n\ndata: {{"text":"{KEY}"}}\n\n'


def cassette(headers=None, uri="https://api.test/v1", body="{}", answer="data: {}\n\n", answer_headers=None, **ours):
    interaction = {
        "request": {"method": "POST", "uri": uri, "headers": headers or {}, "body": body},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": answer_headers or {"content-type": ["text/event-stream"]},
            "body": {"string": answer},
        },
    }
    return yaml.safe_dump({"version": 1, "interactions": [interaction | ({"streamchunk": ours} if ours else {})]})


def written(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


LEAKS = {
    "a header": (cassette({"X-Api-Key": ["0a1b2c3d4e5f"]}), "value of x-api-key in request header X-Api-Key: 0a…5f"),
    "a bare key": (cassette({"authorization": ["Bearer aBcDeFgHiJkL"]}), "in request header authorization: aB…kL"),
    "a cookie": (
        cassette(answer_headers={"set-cookie": ["sid=s3cretc00kie; Path=/"]}),
        "value of set-cookie in response header set-cookie: s3…ie",
    ),
    "a parameter": (cassette(uri="https://api.test/?key=abcdefgh"), "value of key in request uri: …"),
    "a request": (cassette(body=json.dumps({"text": KEY})), "Anthropic key in request body: ap…S7"),
    "an answer": (cassette(answer=SSE), "Anthropic key in response body: ap…S7"),
    "a binary answer": (cassette(answer=SSE.encode() + b"\xff"), "Anthropic key in response body: ap…S7"),
    "base64": (
        cassette(answer=base64.b64encode(KEY.encode()).decode()),
        "Anthropic key in response body, base64: ap…S7",
    ),
    "a gzip answer": (cassette(answer=gzip.compress(SSE.encode())), "Anthropic key in response body: ap…S7"),
    "a brotli answer": (
        cassette(answer=brotli.compress(SSE.encode()), answer_headers={"Content-Encoding": ["br"]}),
        "Anthropic key in response body: ap…S7",
    ),
    "a zstd answer": (
        cassette(answer=zstd.compress(SSE.encode()), answer_headers={"content-encoding": "zstd"}),
        "Anthropic key in response body: ap…S7",
    ),
    "split over messages": (
        cassette(answer=f'data: {{"t":"{KEY[:9]}"}}\n\ndata: {{"t":"{KEY[9:]}"}}\n\n'),
        "Anthropic key in response body, split over messages: ap…S7",
    ),
    "a remark": (f"# {KEY}\n{cassette()}", ":1: Anthropic key: ap…S7"),
    "our own member": (cassette().replace("version: 1", f"note: {KEY}\nversion: 1"), "Anthropic key in note: ap…S7"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAKS)
def test_a_secret_in_a_cassette_is_told_with_its_place_and_not_shown(streamchunk, tmp_path, name):
    content, wanted = LEAKS[name]
    path = written(tmp_path / "c.yaml", content)
    ran = streamchunk("cassette", "scan", path)
    assert ran.status == 1
    *findings, last = ran.lines
    assert any(line.endswith(wanted) for line in findings), ran.out
    assert all(re.match(re.escape(str(path)) + r":\d+: .+: .{0,2}…", line) for line in findings)
    assert last.startswith("streamchunk: secrets found (exit 1): 1 file, 0 unreadable, 1 with secrets, ")
    assert not {KEY, KEY[7:20], "aBcDeFgHiJkL", "s3cretc00kie", "abcdefgh"} & {*re.split(r"[\s:]", ran.out)}


@pytest.mark.parametrize(
    "line", [f"note: short # {KEY}", f"{KEY}: short", f"? {KEY}\n: short", f"'x': [a, b]  # {KEY}"]
)
def test_remarks_and_names_beside_values_are_searched(streamchunk, tmp_path, line):
    path = written(tmp_path / "c.yaml", f"{line}\n{cassette()}")
    ran = streamchunk("cassette", "scan", path)
    assert ran.status == 1
    assert ran.lines[:-1] == [f"{path}:1: Anthropic key: ap…S7"]


def test_a_remark_beside_a_header_or_within_an_exchange_is_searched_on_its_line(streamchunk, tmp_path):
    text = cassette({"accept": ["*/*"]}).replace("- '*/*'", f"- '*/*' # {KEY}")
    path = written(tmp_path / "c.yaml", text)
    line = next(at for at, one in enumerate(text.splitlines(), 1) if KEY in one)
    assert streamchunk("cassette", "scan", path).lines[:-1] == [f"{path}:{line}: Anthropic key: ap…S7"]


def test_what_is_no_cassette_is_passed_over_where_that_is_asked(streamchunk, tmp_path):
    written(tmp_path / "compose.yaml", f"services: {{a: {KEY}}}\n")
    written(tmp_path / "package.json", json.dumps({"key": KEY}))
    ran = streamchunk("cassette", "scan", "--cassettes-only", tmp_path)
    assert (ran.status, ran.last) == (
        0, "streamchunk: clean (exit 0): 0 files, 0 unreadable, 0 with secrets, 0 findings",
    )  # fmt: skip
    written(tmp_path / "recorded" / "c.yaml", cassette(answer=SSE))
    written(tmp_path / "recorded" / "lost.body", SSE)
    ran = streamchunk("cassette", "scan", "--cassettes-only", tmp_path)
    assert ran.status == 1
    assert "2 files, 0 unreadable, 2 with secrets" in ran.last


def test_the_line_is_that_of_the_secret_within_a_body(streamchunk, tmp_path):
    text = "version: 1\ninteractions:\n- request: {method: GET, uri: /, headers: {}, body: ''}\n  response:\n"
    text += "    body:\n      string: |+\n"
    text += "".join(f"        {line}\n" if line else "\n" for line in SSE.split("\n")[:-1])
    text += "    headers: {}\n    status: {code: 200, message: OK}\n"
    assert yaml.safe_load(text)["interactions"][0]["response"]["body"]["string"] == SSE
    path = written(tmp_path / "c.yaml", text)
    ran = streamchunk("cassette", "scan", path)
    [finding, _] = ran.lines
    assert finding == f"{path}:9: Anthropic key in response body: ap…S7"
    assert KEY in text.splitlines()[8]


def test_a_body_beside_its_cassette_is_searched_once_and_as_its_headers_say(streamchunk, tmp_path):
    packed = brotli.compress(SSE.encode() * 3)
    written(tmp_path / "c.body", packed)
    digest = hashlib.sha256(packed).hexdigest()
    content = cassette(answer="", answer_headers={"content-encoding": ["br"]}, body_file="c.body", body_sha256=digest)
    written(tmp_path / "c.yaml", content)
    for arguments in ([tmp_path], [tmp_path / "c.yaml"], [tmp_path / "c.body", tmp_path / "c.yaml"]):
        ran = streamchunk("cassette", "scan", *arguments)
        assert ran.status == 1
        assert ran.lines[:-1] == [
            f"{tmp_path / 'c.body'}:{line}: Anthropic key in response body: ap…S7" for line in (3, 7, 11)
        ]


def test_any_file_is_searched_and_folders_to_their_ground(streamchunk, tmp_path):
    written(tmp_path / "a" / "b" / "notes.md", f"one\ntwo {KEY}\n")
    written(tmp_path / "a" / "binary.bin", b"\x00\xff" * 50 + KEY.encode() + b"\x00")
    written(tmp_path / "a" / "packed.gz", gzip.compress(f"\n\n{KEY}".encode()))
    written(tmp_path / "a" / ".git" / "config", KEY)
    written(tmp_path / "a" / "clean.txt", "nothing here")
    (tmp_path / "a" / "round").symlink_to(tmp_path)
    ran = streamchunk("cassette", "scan", tmp_path)
    assert ran.status == 1
    assert sorted(ran.lines[:-1]) == [
        f"{tmp_path}/a/b/notes.md:2: Anthropic key: ap…S7",
        f"{tmp_path}/a/binary.bin:1: Anthropic key: ap…S7",
        f"{tmp_path}/a/packed.gz:3: Anthropic key: ap…S7",
    ]
    assert "4 files, 0 unreadable, 3 with secrets, 3 findings" in ran.last


@pytest.mark.slow
def test_a_long_file_is_searched_piece_by_piece_with_the_right_lines(streamchunk, tmp_path):
    line = b"x" * 99 + b"\n"
    path = written(tmp_path / "long.txt", line * 100_000 + KEY.encode() + b"\n" + line * 100_000 + KEY.encode())
    ran = streamchunk("cassette", "scan", path)
    assert ran.lines[:-1] == [f"{path}:100001: Anthropic key: ap…S7", f"{path}:200002: Anthropic key: ap…S7"]


def test_standard_input_is_searched(streamchunk):
    ran = streamchunk("cassette", "scan", "-", stdin=f"\n{KEY}\n".encode())
    assert ran.status == 1
    assert ran.lines[0] == "(standard input):2: Anthropic key: ap…S7"


def test_what_is_allowed_is_no_finding(streamchunk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "a.txt", f"{KEY}\nmail jane.doe@corp.dev\n")
    assert streamchunk("cassette", "scan", "a.txt", "--allow", "aB3dE5").lines[:-1] == [
        "a.txt:2: e-mail address: ja…ev"
    ]
    written(tmp_path / ".streamchunk-allow", "# ours, and harmless\n@corp\\.dev$\n\naB3dE5\n")
    ran = streamchunk("cassette", "scan", "a.txt")
    assert ran.status == 0
    assert ran.last == "streamchunk: clean (exit 0): 1 file, 0 unreadable, 0 with secrets, 0 findings"


UNREADABLE = {
    "a damaged YAML": ("c.yaml", b"version: 1\n  bad: [\n" + KEY.encode(), "is not YAML: "),
    "a damaged gzip": ("c.gz", gzip.compress(b"abc" * 999)[:12] + b"\xff" * 50, "is damaged"),
    "binary that is no base64": ("c.yaml", b"a: !!binary '%%%'\n", "line 1: the binary value is not base64"),
    "a body that is not there": (
        "c.yaml",
        cassette(answer="", body_file="gone").encode(),
        "there is no file 'gone' beside it",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told_and_the_others_are_searched(streamchunk, tmp_path, name):
    file, content, wanted = UNREADABLE[name]
    path = written(tmp_path / file, content)
    clean = written(tmp_path / "x.txt", "clean")
    ran = streamchunk("cassette", "scan", path, clean, tmp_path / "missing")
    assert ran.status == 2
    told, missing = sorted(ran.err.splitlines(), key=lambda line: "missing" in line)
    assert told.startswith(f"{path}: unreadable input: ")
    assert wanted in told
    assert missing == f"{tmp_path / 'missing'}: unreadable input: cannot be read: No such file or directory"
    assert ran.last.startswith("streamchunk: unreadable input (exit 2): 3 files, 2 unreadable")


def test_a_damaged_cassette_is_searched_all_the_same(streamchunk, tmp_path):
    path = written(tmp_path / "c.yaml", f"version: 1\n  bad: [\n{KEY}")
    assert streamchunk("cassette", "scan", path).lines[0] == f"{path}:3: Anthropic key: ap…S7"


@pytest.mark.parametrize("arguments", [["--allow", "("], []])
def test_a_wrong_call_is_told(streamchunk, tmp_path, arguments):
    ran = streamchunk("cassette", "scan", *([tmp_path] if arguments else []), *arguments)
    assert ran.status == 2


def test_a_yaml_that_would_run_or_swell_does_neither(streamchunk, tmp_path):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    written(tmp_path / "bomb.yaml", bomb)
    written(tmp_path / "tag.yaml", f'a: !!python/object/apply:os.system ["touch {tmp_path}/ran"]\n')
    written(tmp_path / "deep.yaml", "[" * 5000 + "]" * 5000)
    streamchunk("cassette", "scan", tmp_path / "bomb.yaml", tmp_path / "tag.yaml", tmp_path / "deep.yaml")
    assert not (tmp_path / "ran").exists()


def test_our_own_cassettes_hold_no_secret(streamchunk):
    ran = streamchunk("cassette", "scan", folder("cassettes"))
    assert ran.status == 0, ran.out
