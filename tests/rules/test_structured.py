"""Structured output: which values of an answer are its result, and which results are none."""

import json
import time

import pytest

from harness.protocol.transcript import Ending
from structured_runs import CITY, asking, exercised, finish, ids, input_of, parsing, received, says

PARIS, ROME = {"city": "Paris"}, {"city": "Rome"}
FENCE = "```"
TRIED = "Failed to parse the answer as JSON. Tried: direct parse, fenced blocks. Preview: "


def fenced(value, language="json"):
    return f"{FENCE}{language}\n{json.dumps(value)}\n{FENCE}"


@pytest.mark.parametrize("result", [None, [], "text", {}, {"data": {}}, {"rawText": ""}, {"data": {}, "rawText": None}])
def test_a_result_has_data_and_raw_text(result):
    assert ids(parsing("{}", result=result)) == ["STRUCT-1"]


def test_no_result_at_all_is_one_that_lacks_everything():
    assert ids(parsing("{}")) == ["STRUCT-1"]


def test_more_members_do_no_harm():
    assert ids(parsing("{}", result={"data": {}, "rawText": "{}", "attempts": []})) == []


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"city":"Paris"}', PARIS),
        (f"It is {fenced(PARIS)} there.", PARIS),
        (f"It is {fenced(PARIS, 'JSON')} there.", PARIS),
        (f"For example {fenced(ROME)}, but it is {fenced(PARIS)}.", PARIS),
        (f"Either {json.dumps(ROME)} or {json.dumps(PARIS)}", PARIS),
        (f"{json.dumps(ROME)}: {fenced([1])}", ROME),
        (f"{fenced(ROME)} and {json.dumps(PARIS)}", ROME),
        (f"{json.dumps(PARIS)} is not {json.dumps({'town': 1})}", PARIS),
        (f"<think>{{what}}</think>{json.dumps(PARIS)}", PARIS),
        ("{" * 10_000 + json.dumps(PARIS), PARIS),
        (fenced(PARIS, 'json5 title="answer"') + f" and not {json.dumps(ROME)}", PARIS),
    ],
)
def test_the_order_of_the_candidates_says_which_is_the_answer(text, data):
    other = ROME if data == PARIS else PARIS
    assert ids(parsing(text, CITY, data)) == []
    assert ids(parsing(text, CITY, error=TRIED + text[:200])) == ["STRUCT-4"]
    wrong = ids(parsing(text, CITY, other))
    assert wrong == (["STRUCT-5"] if json.dumps(other) in text else ["STRUCT-3"])


def test_without_a_schema_the_first_value_between_words_is_the_answer():
    text = f"Either {json.dumps(ROME)} or {json.dumps(PARIS)}"
    assert ids(parsing(text, data=ROME)) == []
    assert ids(parsing(text, data=PARIS)) == ["STRUCT-5"]
    assert ids(parsing(text, data=PARIS), "tanstack") == ["STRUCT-5"]


def test_without_a_schema_nobody_says_which_of_two_blocks_it_is():
    text = f"{fenced(ROME)} {fenced(PARIS)}"
    assert ids(parsing(text, data=ROME)) == []
    assert ids(parsing(text, data=PARIS)) == []


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"a": {"b": 1}, "c": ', {"b": 1}),
        ("[[1,2]", [1, 2]),
        ("[" * 10_000 + "{}", {}),
        ('{"a": [1], "b": "', [1]),
    ],
)
def test_a_value_within_what_breaks_off_is_neither_asked_for_nor_refused(text, data):
    assert ids(parsing(text, data=data)) == []
    assert ids(parsing(text, error=TRIED + text[:200])) == []


THOUGHT = f"<think>{json.dumps(ROME)}</think>"


@pytest.mark.parametrize(
    ("text", "schema", "right", "wrong"),
    [
        (f"{THOUGHT} {json.dumps(PARIS)}", None, (ROME, PARIS), ()),
        (f"{THOUGHT} {json.dumps(PARIS)}", CITY, (PARIS,), (ROME,)),
        (f"{json.dumps(PARIS)} {THOUGHT}", CITY, (ROME, PARIS), ()),
        (f"{THOUGHT}42", {"type": ["integer", "object"]}, (ROME, 42), ()),
        (f"<think>It is {fenced(ROME)}</think>{json.dumps(PARIS)}", CITY, (ROME, PARIS), ()),
        (f"{json.dumps(ROME)} or so</think> {json.dumps(PARIS)}", None, (ROME, PARIS), ()),
        (f'<think>1</think> {{"city":"</think>"}} {json.dumps(PARIS)}', None, ({"city": "</think>"}, PARIS), ()),
    ],
)
def test_what_stands_in_thoughts_is_neither_asked_for_nor_refused(text, schema, right, wrong):
    for data in right:
        assert ids(parsing(text, schema, data)) == []
    for data in wrong:
        assert ids(parsing(text, schema, data)) == ["STRUCT-5"]
    assert ids(parsing(text, schema, {"city": "Lyon"})) == ["STRUCT-3"]
    assert ids(parsing(text, schema, error=TRIED + text)) == ["STRUCT-4"]


@pytest.mark.parametrize("text", [THOUGHT, f"<think>{json.dumps(ROME)}", f"{json.dumps(ROME)}</think> Well."])
def test_where_all_is_thought_there_may_be_no_answer(text):
    assert ids(parsing(text, CITY, ROME)) == []
    assert ids(parsing(text, CITY, error=TRIED + text)) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(PARIS)}</think><think>{json.dumps(ROME)}",
        f"{json.dumps(PARIS)}</think>{json.dumps(ROME)}</think>",
        f"<think>{json.dumps(PARIS)}<think>{json.dumps(ROME)}</think>",
    ],
)
def test_where_thoughts_begin_or_end_more_than_once_any_value_will_do(text):
    for data in (ROME, PARIS):
        assert ids(parsing(text, None, data)) == []
        assert ids(parsing(text, CITY, data)) == []
    assert ids(parsing(text, CITY, error=TRIED + text)) == []


def test_the_raw_text_may_leave_thoughts_out():
    text = f"It <think>is not {{}}</think> is {json.dumps(PARIS)}."
    assert ids(parsing(text, CITY, PARIS, raw=f"It  is {json.dumps(PARIS)}.")) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{json.dumps(ROME)}\n{FENCE}json\n{json.dumps(PARIS)}",
        f"Use {FENCE} so:\n{fenced(ROME)}\nand {json.dumps(PARIS)}",
        f"{json.dumps(PARIS)} then\n~~~\n{json.dumps(ROME)}\n~~~",
        f"~~~json\n{json.dumps(PARIS)}\n~~~\nand {json.dumps(ROME)}",
    ],
)
@pytest.mark.parametrize("schema", [CITY, None])
def test_where_fences_can_be_paired_in_more_ways_every_value_that_fits_will_do(text, schema):
    assert ids(parsing(text, schema, ROME)) == []
    assert ids(parsing(text, schema, PARIS)) == []
    assert ids(parsing(text, schema, {"city": "Lyon"})) == ["STRUCT-3"]
    assert ids(parsing(text, schema, error=TRIED + text)) == ["STRUCT-4"]


@pytest.mark.parametrize("hard", ["[" * 200 + "]" * 200, "1e400", "9" * 400])
def test_what_another_reader_may_have_no_room_for_is_not_judged(hard):
    text = f'{{"city":"Paris","more":{hard}}}'
    assert ids(parsing(text, CITY, PARIS | {"more": None})) == []
    assert ids(parsing(text, CITY, error=TRIED + text[:200])) == []
    assert ids(parsing(f"{text} {json.dumps(ROME)}", CITY, PARIS | {"more": None})) == []


def test_behind_very_many_values_nobody_says_which_is_the_answer():
    text = json.dumps(PARIS) + ' {"n":1}' * 2000
    assert ids(parsing(text, CITY, error=TRIED + text[:200])) == []
    assert ids(parsing(text, CITY, PARIS)) == []


@pytest.mark.parametrize("text", ["42", "null", "true", '"Paris"'])
def test_without_a_schema_a_scalar_is_no_answer(text):
    assert ids(parsing(text, data=json.loads(text))) == ["STRUCT-6"]
    assert ids(parsing(text, error=TRIED + text)) == []
    assert ids(parsing(text, {}, json.loads(text))) == []


@pytest.mark.parametrize(
    ("schema", "text"),
    [({"type": "integer"}, "42"), ({"type": "null"}, "null"), ({"type": "array"}, "[1]"), (True, '"a"')],
)
def test_with_a_schema_anything_that_fits_is_an_answer(schema, text):
    assert ids(parsing(text, schema, json.loads(text))) == []
    assert ids(parsing(text, schema, error=TRIED + text)) == ["STRUCT-4"]


def test_a_text_without_an_answer_is_an_error():
    assert ids(parsing("I do not know.", CITY, error=TRIED + "I do not know.")) == []
    assert ids(parsing("I do not know.", CITY, {"city": "I do not know."})) == ["STRUCT-3"]


def test_what_does_not_fit_is_no_answer():
    assert ids(parsing('{"town":"Paris"}', CITY, {"town": "Paris"})) == ["STRUCT-2"]
    assert ids(parsing('{"town":"Paris"}', CITY, error=TRIED + '{"town":"Paris"}')) == []


def test_a_value_within_an_answer_is_not_the_answer():
    text = json.dumps({"a": PARIS})
    assert ids(parsing(text, CITY, PARIS)) == ["STRUCT-3"]
    assert ids(parsing(text, CITY, error=TRIED + text)) == []


def test_where_brackets_do_not_pair_nobody_says_what_is_missing():
    text = f"{{ note: {json.dumps(PARIS)} }}"
    assert ids(parsing(text, CITY, PARIS)) == []
    assert ids(parsing(text, CITY, error=TRIED + text)) == []


@pytest.mark.parametrize(
    ("said", "data", "wanted"),
    [
        ("1", 1.0, []),
        ("1.0", 1, []),
        ("12345678901234567890", 12345678901234567000, []),
        ("1", 2, ["STRUCT-3"]),
        ("1", True, ["STRUCT-2", "STRUCT-3"]),
        ("true", 1, ["STRUCT-3"]),
    ],
)
def test_numbers_are_as_exact_as_javascripts(said, data, wanted):
    assert ids(parsing(f'{{"n":{said}}}', {"properties": {"n": {"type": "number"}}}, {"n": data})) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("It is {}.", []),
        (" It is {}.\n", []),
        ("{}", []),
        ("\n{}\n", []),
        ("It is", ["STRUCT-8"]),
        ("", ["STRUCT-8"]),
        ("{ }", ["STRUCT-8"]),
    ],
)
def test_the_raw_text_is_what_was_parsed_or_all_of_it(raw, wanted):
    paris = json.dumps(PARIS)
    assert ids(parsing(f"It is {paris}.", CITY, PARIS, raw=raw.replace("{}", paris))) == wanted


OPTIONAL = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "nick": {"type": "string"},
        "mayor": {"type": ["string", "null"]},
        "twins": {"type": "array", "items": {"type": ["string", "null"]}},
    },
    "required": ["city"],
}
NATIVE = (received(schema=OPTIONAL),)


@pytest.mark.parametrize(
    ("said", "data", "wanted"),
    [
        ({"nick": None}, {}, []),
        ({"nick": None}, {"nick": None}, ["STRUCT-2"]),
        ({"mayor": None}, {"mayor": None}, []),
        ({"mayor": None}, {}, ["STRUCT-7"]),
        ({"nick": None, "mayor": None}, {"mayor": None}, []),
        ({"nick": None, "mayor": None}, {}, ["STRUCT-7"]),
        ({"twins": ["a", None]}, {"twins": ["a", None]}, []),
        ({"twins": ["a", None]}, {"twins": ["a"]}, ["STRUCT-3"]),
        ({"other": None}, {}, ["STRUCT-7"]),
    ],
)
def test_a_null_goes_only_where_the_schema_takes_none(said, data, wanted):
    text = json.dumps(PARIS | said)
    run = asking(says(text), finish(), schema=OPTIONAL, data=PARIS | data, raw=text, model="a/b")
    assert ids(run) == wanted


def test_a_required_null_that_is_left_out_is_told_once():
    schema = {"type": "object", "properties": {"mayor": {"type": ["string", "null"]}}, "required": ["mayor"]}
    assert ids(parsing('{"mayor":null}', schema, {})) == ["STRUCT-7"]


def test_an_answer_that_fits_without_the_transforms_nulls_is_found():
    text = json.dumps(PARIS | {"nick": None})
    run = {"schema": OPTIONAL, "model": "openai/gpt-4o", "exchanges": NATIVE}
    assert "STRUCT-4" in ids(asking(says(text), finish(), error=TRIED + text, **run))
    assert "STRUCT-4" not in ids(asking(says(text), finish(), error=TRIED + text, schema=OPTIONAL))


def test_a_list_may_be_asked_for_as_the_only_property_of_an_object():
    schema = {"type": "array", "items": {"type": "integer"}}
    assert ids(asking(says('{"items":[1]}'), finish(), schema=schema, data=[1], raw='{"items":[1]}')) == []
    assert ids(asking(says('{"items":[1]}'), finish(), schema=schema, data=[2], raw='{"items":[1]}')) == ["STRUCT-3"]
    wraps = asking(says('{"items":{"city":"Paris"}}'), finish(), data=PARIS, raw='{"items":{"city":"Paris"}}')
    assert ids(wraps) == ["STRUCT-3"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [({"type": "array"}, '[{"city": 1.0}]'), ({"enum": ["a", "b"]}, '"a"'), ({"anyOf": [CITY]}, "{}")],
)
def test_the_raw_text_of_what_was_wrapped_is_the_input_or_what_stands_in_it(schema, value):
    if value == "{}":
        value = json.dumps(PARIS)
    call, data = input_of(f'{{ "value" : {value} }}'), json.loads(value)
    for raw in (value, f'{{"value":{value}}}', f'{{ "value" : {value} }}', value.replace(": ", ":")):
        assert ids(asking(call, finish("tool-calls"), schema=schema, data=data, raw=raw)) == []
    for raw in ("value", f'{{"items":{value}}}', f"[{value}]", '"c"'):
        assert ids(asking(call, finish("tool-calls"), schema=schema, data=data, raw=raw)) == ["STRUCT-8"]


def test_the_input_of_a_call_is_the_answer():
    call = input_of('{ "city": "Paris" }')
    assert ids(asking(call, finish("tool-calls"), data=PARIS, raw='{"city":"Paris"}')) == []
    assert ids(asking(call, finish("tool-calls"), data=PARIS, raw="Paris")) == ["STRUCT-8"]
    assert ids(asking(call, finish("tool-calls"), error="Failed to parse: nothing was said")) == ["STRUCT-4"]
    both = (says(json.dumps(ROME)), call, finish("tool-calls"))
    assert ids(asking(*both, data=PARIS, raw='{"city":"Paris"}')) == []
    assert ids(asking(*both, data=ROME, raw=json.dumps(ROME))) == ["STRUCT-5"]


def test_where_a_call_is_unusable_its_text_is_the_answer():
    call = input_of('{"city": "Par')
    assert ids(asking(says(json.dumps(ROME)), call, finish("tool-calls"), data=ROME)) == []


@pytest.mark.parametrize(
    "schema", [{"type": "nonsense"}, {"$ref": "#"}, {"$ref": "https://example.com/a"}, {"pattern": "("}, 5]
)
def test_a_schema_that_is_none_is_no_reason_to_find_anything(schema):
    assert ids(parsing('{"a":1}', schema, {"a": 1})) == []
    assert ids(parsing('{"a":1}', schema, error=TRIED + '{"a":1}')) == []


def test_what_is_not_known_is_not_judged():
    source = {"STRUCT-3", "STRUCT-4", "STRUCT-5", "STRUCT-8", "STRUCT-12"}
    assert not exercised(asking(data=PARIS)) & source
    aborted = asking(says("{}"), ending=Ending("aborted", at=5, duration=10))
    assert not {one for one in exercised(aborted) if one.startswith("STRUCT")}
    stuck = asking(says("{}"), ending=Ending("timed out"))
    assert ids(stuck) == ["END-8"]


def test_hostile_text_is_judged_in_bounded_time():
    started = time.perf_counter()
    for text in ("{" * 200_000, "[]" * 100_000, '{"city":1}' * 20_000, "`" * 200_000, "[" * 200_000):
        ids(parsing(text, CITY, error=TRIED + text[:200]))
        ids(parsing(text, CITY, PARIS))
    assert time.perf_counter() - started < 120
