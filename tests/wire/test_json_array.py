import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import WireError
from harness.stage import drained
from harness.wire import json_array
from harness.wire.json_array import JsonArrayDecoder

COUNT = 1_000_000
HANG = 25  # seconds; a second is usual, and copying what was kept at every byte takes a minute


def elements_of(*pieces):
    return drained(JsonArrayDecoder(), *pieces)


def cut(body, size):
    return [body[start : start + size] for start in range(0, len(body), size)]


def test_objects_between_brackets_and_commas_are_elements():
    assert elements_of(b'[{"a": 1}\n,\r\n{"b": [2, {"c": 3}]}\n]\n') == ['{"a": 1}', '{"b": [2, {"c": 3}]}']


def test_brackets_and_quotes_inside_strings_are_text():
    assert elements_of(rb'[{"a": "]}\"[\\"}, "x,]"]') == [r'{"a": "]}\"[\\"}', '"x,]"']


def test_scalars_and_arrays_are_elements_too():
    assert elements_of(b'[1, -2.5e3 ,null,true,"s",[],[[1],2]]') == [
        "1",
        "-2.5e3",
        "null",
        "true",
        '"s"',
        "[]",
        "[[1],2]",
    ]


def test_an_empty_array_has_no_elements():
    assert elements_of(b" [ ] ") == []


def test_a_byte_order_mark_before_the_array_is_dropped():
    assert elements_of(b"\xef\xbb\xbf[1]") == ["1"]


def test_an_element_is_given_as_soon_as_its_bracket_closes():
    decoder = JsonArrayDecoder()
    assert decoder.feed(b'[{"a":1}') == ['{"a":1}']
    assert decoder.feed(b',{"b"') == []


def test_what_a_cut_leaves_open_is_dropped():
    assert elements_of(b'[{"a":1},{"b":') == ['{"a":1}']
    assert elements_of(b'[{"a":1},"b') == ['{"a":1}']
    assert elements_of(b"[1,2") == ["1"]


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(
    ("body", "offset", "complaint"),
    [
        (b"x[]", 0, "the array's ["),
        (b"{}", 0, "the array's ["),
        (b"[,1]", 1, "a value or ]"),
        (b"[1,]", 3, "a value"),
        (b"[1,,2]", 3, "a value"),
        (b"[{}{}]", 3, "a comma or ]"),
        (b"[{} x]", 4, "a comma or ]"),
        (b"[}]", 1, "a value or ]"),
        (b"[] []", 3, "nothing after the array"),
    ],
)
def test_garbage_between_elements_is_a_wire_error_with_its_offset(body, offset, complaint, size):
    with pytest.raises(WireError) as raised:
        elements_of(*cut(body, size))
    assert raised.value.offset == offset
    assert complaint in str(raised.value)


def test_elements_before_the_garbage_are_given_first():
    decoder = JsonArrayDecoder()
    assert decoder.feed(b"[1,2]]") == ["1", "2"]
    with pytest.raises(WireError):
        decoder.close()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_element_over_the_limit_is_a_wire_error(size, monkeypatch):
    monkeypatch.setattr(json_array, "LIMIT", 50)
    decoder, seen = JsonArrayDecoder(), []
    with pytest.raises(WireError, match="longer than 50 bytes"):  # noqa: PT012 - which call raises depends on the cut
        for piece in cut(b'[1, "' + b"x" * 60 + b'"]', size):
            seen += decoder.feed(piece)
        decoder.close()
    assert seen == ["1"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", "]}", "\\u"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5), st.booleans(), st.sampled_from([None, 2]), st.integers(1, 9))
def test_elements_are_those_of_a_json_parser_at_every_cut(values, ascii_only, indent, size):
    body = json.dumps(values, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "replace")
    elements = elements_of(*cut(body, size))
    assert [json.loads(element) for element in elements] == json.loads(body)


@given(st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"1", b" ", b"\xff"]), max_size=30))
def test_no_bytes_make_it_fail_otherwise_and_a_cut_changes_nothing(pieces):
    def outcome(*parts):
        decoder, seen = JsonArrayDecoder(), []
        try:
            for part in parts:
                seen += decoder.feed(part)
            return seen + decoder.close(), None
        except WireError as error:
            return seen, error.offset

    assert outcome(b"".join(pieces)) == outcome(*pieces)


def test_a_long_element_in_single_bytes_is_not_copied_again_for_each_of_them():
    decoder, began = JsonArrayDecoder(), time.monotonic()
    for piece in [b'["', *[b"x"] * COUNT]:
        assert decoder.feed(piece) == []
    (element,) = decoder.feed(b'"')
    assert len(element) == COUNT + 2
    assert time.monotonic() - began < HANG
