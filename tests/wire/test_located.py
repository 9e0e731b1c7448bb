from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.stage import drained
from harness.wire.json_array import JsonArrayDecoder
from harness.wire.located import Located, located
from harness.wire.ndjson import NdjsonDecoder
from harness.wire.sse import SseDecoder


def shown(stage, body):
    return [(body[place.start : place.end], place.item) for place in located(stage, body)]


def test_an_event_stands_where_its_lines_are():
    body = b"data: 1\n\nevent: a\r\ndata: 2\r\n\r\n: c\n\ndata: 3\n\n"
    assert [(part, event.data) for part, event in shown(SseDecoder(), body)] == [
        (b"data: 1\n\n", "1"),
        (b"event: a\r\ndata: 2\r\n\r\n", "2"),
        (b": c\n\ndata: 3\n\n", "3"),
    ]


def test_elements_of_an_array_on_one_line_have_places_of_their_own():
    body = b'[{"a":1},{"b":{"c":2}}]'
    assert shown(JsonArrayDecoder(), body) == [(b'[{"a":1}', '{"a":1}'), (b',{"b":{"c":2}}', '{"b":{"c":2}}')]


def test_what_only_the_end_gives_has_the_rest_of_the_body():
    assert located(NdjsonDecoder(), b"1\n23") == [Located(0, 2, "1"), Located(2, 4, "23")]


class Late:
    """Gives at its end what it held back."""

    def __init__(self):
        self.held = []

    def feed(self, piece):
        self.held.append(piece)
        return [piece] if len(self.held) == 1 else []

    def close(self):
        return self.held[1:] or ["late"]


def test_what_the_end_gives_when_nothing_is_left_has_the_last_range():
    assert located(Late(), b"1\n") == [Located(0, 2, b"1\n"), Located(0, 2, "late")]


@given(st.lists(st.sampled_from([b"data: {}", b"data: }", b"\n", b"\n\n", b"\r", b": x", b"event: a"])).map(b"".join))
def test_located_items_are_the_items_and_their_ranges_follow_each_other(body):
    found = located(SseDecoder(), body)
    assert [place.item for place in found] == drained(SseDecoder(), body)
    assert all(one.end <= other.start or one[:2] == other[:2] for one, other in pairwise(found))
    assert all(0 <= place.start < place.end <= len(body) for place in found)
