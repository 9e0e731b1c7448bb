import json

from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StructuredOutputError
from harness.reference.structured.parsing import parse_json_with_fallbacks

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
HOLDERS = st.lists(VALUES, max_size=4) | st.dictionaries(st.text(), VALUES, max_size=4)
INDENTS = st.sampled_from([None, 0, 2])
PROSE = st.text(st.characters(blacklist_characters='{}[]`~<"')).map(lambda text: text + " ")
FENCES = st.sampled_from(["```", "~~~", "`````"])
INFOS = st.sampled_from(["", "json", "JSON", "Json5", 'json title="a"', "text"])
HOSTILE = st.text(st.sampled_from(list('{}[]"\\`~:,1 \nat<>/think')), max_size=60)


def written(value, indent):
    return json.dumps(value, indent=indent)


@given(VALUES, INDENTS)
def test_any_value_is_found_as_the_whole_text_with_a_schema(value, indent):
    text = written(value, indent)
    assert parse_json_with_fallbacks(f"\ufeff\n{text} ", {}) == (value, text)


@given(HOLDERS, INDENTS, PROSE, PROSE)
def test_any_object_or_array_is_found_in_prose(value, indent, before, after):
    text = written(value, indent)
    assert parse_json_with_fallbacks(before + text + " " + after) == (value, text)


@given(HOLDERS, INDENTS, st.tuples(PROSE, PROSE), FENCES, INFOS)
def test_any_object_or_array_is_found_in_a_fence_whatever_stands_around_it(value, indent, prose, fence, info):
    text = written(value, indent)
    around = f"{prose[0]}[1] {{}}\n{fence}{info}\n{text}\n{fence}\n{prose[1]}[2]"
    assert parse_json_with_fallbacks(around) == (value, text)


@given(HOLDERS, PROSE)
def test_a_cut_object_or_array_never_yields_a_piece_of_itself(value, before):
    text = written({"all": [value]}, None)
    for end in range(1, len(text)):
        try:
            answer = parse_json_with_fallbacks(before + text[:end])
        except StructuredOutputError:
            continue
        raise AssertionError(answer)


@given(HOSTILE, st.none() | st.just({}) | st.just({"type": "object", "required": ["a"]}))
def test_whatever_a_model_says_is_an_answer_or_a_refusal(text, schema):
    try:
        data, raw = parse_json_with_fallbacks(text, schema)
    except StructuredOutputError:
        return
    assert raw in text
    assert json.loads(raw) == data
    assert schema is not None or isinstance(data, dict | list)
