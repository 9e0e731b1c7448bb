"""Hostile input costs what ordinary input of its length costs: eight times the bytes, some eight times the time."""

import gc
import time

import pytest

from harness.cassettes.redaction import Redactor
from harness.stage import drained

REDACTOR = Redactor(["hunter2-secret-key-1234567890", "hunter2"])
SMALL, LARGE = 20_000, 160_000

HOSTILE = {
    "backslashes": b"\\",
    "quotation marks": b'"',
    "escaped quotation marks": b'\\"',
    "objects that never end": b'{"a":[',
    "members that never end": b'{"a":"b",',
    "percent signs": b"%25",
    "at signs": b"a@",
    "dots behind an at sign": b"a@a.",
    "one word": b"a",
    "base64 of letters": b"QUFB",
    "hexadecimal": b"61",
    "prefixes": b"sk-",
    "heads of tokens": b"eyJaaaaaaaa.",
    "heads of keys": b"-----BEGIN PRIVATE KEY-----",
    "names": b"api_key=",
    "schemes": b"bearer ",
    "URLs": b"://a:",
    "queries": b"?key=1${",
    "cookies": b"cookie: a=",
    "nearly the given secret": b"hunter2-secret-key-123456789",
    "e-mail addresses": b"jane@corp.dev ",
    "keys": b"AKIAABCDEFGHIJKLMNOP ",
}


def seconds(body, act):
    """The least of two: a collection of garbage, which looks at all that other tests left, is no cost of the search."""
    taken = []
    gc.disable()
    try:
        for _ in range(2):
            start = time.process_time()
            act(body)
            taken.append(time.process_time() - start)
    finally:
        gc.enable()
    return min(taken)


@pytest.mark.parametrize("act", ["body", "stream"])
@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_bytes_and_no_faster(name, act):
    done = {
        "body": REDACTOR.body,
        "stream": lambda body: drained(REDACTOR.stream(), body),
    }[act]
    word = HOSTILE[name]
    small, large = ((word * (size // len(word) + 1))[:size] for size in (SMALL, LARGE))
    quick, slow = seconds(small, done), seconds(large, done)
    assert slow < 3 * (LARGE / SMALL) * (quick + 0.005)
