import pytest

from harness.errors import InputError, StructuredOutputError
from harness.reference.structured.parsing import Parsed, parse_json_with_fallbacks

NAMED = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
BOM = "\ufeff"


def parsed(text, schema=None):
    return parse_json_with_fallbacks(text, schema)


def refusal(text, schema=None, model=None):
    with pytest.raises(StructuredOutputError) as caught:
        parse_json_with_fallbacks(text, schema, model)
    return caught.value


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('{"key": "value"}', '{"key": "value"}'),  # §14.7
        ('\nHere\'s the result:\n\n```json\n{"key": "value"}\n```\n\nDone.\n', '{"key": "value"}'),  # §14.7
        ('\n  The response is {"key": "value"} and that\'s it.\n', '{"key": "value"}'),  # §14.7
        (BOM + '\u00a0\u2028 {"key":"value"}\n\v\f', '{"key":"value"}'),
        ('```JSON\n{"key":"value"}\n```', '{"key":"value"}'),
        ('```json5 title="answer"\r\n{"key":"value"}\r\n```', '{"key":"value"}'),
        ('```\n{"key":"value"}\n```', '{"key":"value"}'),
        ('~~~json\n{"key":"value"}\n~~~', '{"key":"value"}'),
        ('````json\n{"key":"value"}\n````', '{"key":"value"}'),
        ('Inline: ```json {"key":"value"}``` done', '{"key":"value"}'),
        ('Inline: ```{"key":"value"}```', '{"key":"value"}'),
        ('- item\n  ```json\n  {"key":"value"}\n  ```', '{"key":"value"}'),
        ('```json\n{"key":"value"}', '{"key":"value"}'),  # the end of the text ends a block
        ('<think>{"key": "draft"} or {x</think>{"key":"value"}', '{"key":"value"}'),
        ('<THINK>\n```json\n{"key":"draft"}\n```</THINK>\nIt is {"key":"value"}.', '{"key":"value"}'),
        ('perhaps {"key": "draft"}?</think>\n\n{"key":"value"}', '{"key":"value"}'),
        ('{ {{{"key":"value"}', '{"key":"value"}'),
        ('Use { or [ as you like, 5" wide: {"key":"value"}', '{"key":"value"}'),
        ('{it\'s 5" wide} then {"key":"value"}', '{"key":"value"}'),
        ('{{"key":"value"}}', '{"key":"value"}'),
        ('[see {"key":"value"}]', '{"key":"value"}'),
        ('{"key":"value"} }', '{"key":"value"}'),
        ('[1, 2 and so on. The answer: {"key":"value"}', '{"key":"value"}'),
        ('{"stray\nquote {"key":"value"}', '{"key":"value"}'),
        ('A "{" begins it: {"key":"value"}', '{"key":"value"}'),
        ('Use ``` around it. ```json\n{"key":"value"}\n``` {"no":1}', '{"key":"value"}'),
        ('So.\n<think>{"key":"draft"}</think>\n{"key":"value"} <think>{"no":1}</think>', '{"key":"value"}'),
        ('<think>{"key":"x"}</think><think>```\n{"key":"y"}\n```</think>{"key":"value"}', '{"key":"value"}'),
    ],
)
def test_the_answer_is_found_in_what_is_around_it(text, raw):
    assert parsed(text) == Parsed({"key": "value"}, raw)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("[1, 2]", [1, 2]),
        ("list: [1, 2].", [1, 2]),
        ('```json\n[{"a": 1}]\n```', [{"a": 1}]),  # not the object inside (H9)
        ('first {"a":1} then {"b":2}', {"a": 1}),  # without a schema the first
        ('```json\n{"example":1}\n```\nAnd now:\n```json\n{"a":2}\n```', {"a": 2}),  # of the blocks the last
        ('{"a":1}\n```json\n{"b":2}\n```', {"b": 2}),  # a block before what stands bare
        ('```json\n{"a":1}\n{"b":2}\n```', {"a": 1}),  # a block that is no JSON value gives way
        ("```python\nx = {}\n```\n```json\n[2]\n```", [2]),
        ('```json\n{"md": "```py\\nx\\n``` and ```json [1] ```"}\n```', {"md": "```py\nx\n``` and ```json [1] ```"}),
        ('so: {"md": "```json\\n{}\\n```"} ok', {"md": "```json\n{}\n```"}),
        ('so: {"md": "```json [1] ```"} ok', {"md": "```json [1] ```"}),
        ('so: {"brace": "}{", "quote": "\\"}"} ok', {"brace": "}{", "quote": '"}'}),
        ('{"a": "</think>[1]"}', {"a": "</think>[1]"}),
        ('It is {"a": "</think>", "b": 1}!', {"a": "</think>", "b": 1}),
        ('{"a":1,"a":2}', {"a": 2}),  # as JSON.parse
        ('[true, null, -1.5e3, "\\ud83d"]', [True, None, -1500.0, "\ud83d"]),
        ("", None),
        (" \n", None),
        ("42", None),
        ("null", None),
        ('"{}"', None),  # a text is a whole value, and what it holds is inside of it
        ("no JSON here", None),
        ("{'a': 1}", None),
        ('{"a": 1,}', None),
        ("[1,]", None),
        ("{a: 1}", None),
        ('{"a": NaN}', None),
        ("[Infinity]", None),
        ("[1e999]", None),
        ('{"a": {"b": 1}, oops}', None),  # a piece of a broken value is no answer
        ('{"a": {"b": 1}, "c":', None),  # nor a piece of a cut one
        ('[{"a": 1}, {"b": 2}', None),
        ('<think>{"a": 1}</think>', None),
        ('<think>{"a": 1}</think> I cannot say.', None),
        ('I think: <think>{"a": 1}</think>', None),
        ('<think>{"a": 1}</think> <think>{"a": 2}</think>', None),
        ('<think>{"b": 1}</think> {"a": "x</think>[1]"} ok', {"a": "x</think>[1]"}),
        ('{"a": 1}</think>', {"a": 1}),  # only the end of thoughts: what stands before it is the last resort
        ("```json\n{broken\n```", None),
        ("[" * 300 + "]" * 300, None),
        ("so: " + "[" * 1000 + "1" + "]" * 1000, None),
        ("[" + "9" * 5000 + "]", None),
    ],
)
def test_without_a_schema_an_object_or_an_array_is_an_answer_and_nothing_else(text, data):
    if data is None:
        assert refusal(text).code == "STRUCTURED_OUTPUT_UNPARSABLE"
    else:
        assert parsed(text).data == data


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('{"name":"a"}', '{"name":"a"}'),
        ('{"name":"a"} or better {"name":"b"}', '{"name":"b"}'),
        ('{"name":"a"}, since {"why":1}', '{"name":"a"}'),
        ('```json\n{"name":"a"}\n```\n```json\n{"why":1}\n```', '{"name":"a"}'),
        ('```json\n{"name":"a"}\n```\nlater {"name":"b"}', '{"name":"a"}'),
        ('```json\n{"why":1}\n```\n{"name":"b"}', '{"name":"b"}'),
        ('{"example": "x"}\n{"name":"a"}\n[1]', '{"name":"a"}'),
    ],
)
def test_with_a_schema_the_last_that_fits_is_the_answer(text, raw):
    assert parsed(text, NAMED).raw_text == raw


@pytest.mark.parametrize(
    ("text", "schema", "data"),
    [
        ("42", {"type": "integer"}, 42),
        ("null", {"type": "null"}, None),
        ('"yes"', {"enum": ["yes", "no"]}, "yes"),
        ("```json\ntrue\n```", {"type": "boolean"}, True),
        ("```json true```", {"type": "boolean"}, True),
        ('```\n"a```b"\n```', {"type": "array"}, None),
        ("[1]", {"type": "array", "items": {"type": "integer"}}, [1]),
        ("12345678901234567890123", {"type": "integer"}, 12345678901234567890123),
        ("<think>41</think>\n42 <think>43</think>", {"type": "integer"}, 42),
        ("the answer is 42", {"type": "integer"}, None),  # a bare number is no bracket and no block
    ],
)
def test_with_a_schema_any_value_may_be_the_answer(text, schema, data):
    if data is None and schema["type"] != "null":
        assert refusal(text, schema)
    else:
        assert parsed(text, schema).data == data


@pytest.mark.parametrize(
    "text",
    [
        '[{"name":"a"}]',  # nor is what is inside of it
        '{"Name":"a"}',
        '{"name":null}',
        'It is {"name": 5}.',
        '{"tree": {"name": "a"}',
    ],
)
def test_what_does_not_fit_is_no_answer(text):
    assert refusal(text, NAMED).code in {"STRUCTURED_OUTPUT_INVALID", "STRUCTURED_OUTPUT_UNPARSABLE"}


def test_whole_numbers_stay_exact_and_the_text_keeps_every_letter():
    answer = parsed('{"n": 12345678901234567890, "f": 1.10}')
    assert answer == ({"n": 12345678901234567890, "f": 1.1}, '{"n": 12345678901234567890, "f": 1.10}')


def test_the_refusal_says_what_was_tried_of_whom_and_what_was_wrong():
    error = refusal('```json\n{"name": 5}\n```\nor {"name": 6}, or {"x"', NAMED, "openai/gpt-4o")
    assert error.code == "STRUCTURED_OUTPUT_INVALID"
    assert str(error) == (
        "no answer in the text of openai/gpt-4o: tried the whole text, 1 fenced blocks, 2 balanced objects and arrays; "
        "what was JSON does not fit the schema: $.name: 5 is not of type 'string'. "
        'It begins: ```json\n{"name": 5}\n```\nor {"name": 6}, or {"x"'
    )
    assert error.attempts == ()


def test_the_last_that_fits_is_found_behind_any_number_that_do_not():
    text = '{"name":"a"} ' + '{"why":1} ' * 5_000
    assert parsed(text, NAMED).data == {"name": "a"}


def test_the_refusal_says_why_what_looks_like_json_is_none():
    assert "NaN is not JSON" in str(refusal('{"a": NaN}'))
    assert "more than 200 deep" in str(refusal("[" * 300 + "]" * 300))
    assert "It is empty" in str(refusal(""))
    assert "a number of over 4300 digits" in str(refusal("[" + "9" * 5000 + "]"))


def test_the_preview_has_at_most_200_characters_and_can_be_printed():
    error = str(refusal("\ud83d" + "x" * 5000))
    assert error.endswith("It begins: ?" + "x" * 199 + "…")
    error.encode()


def test_a_message_quotes_no_large_value():
    for text in ('{"name": [' + "1," * 10_000 + "1]}", '{"name": 5, "' + "k" * 100_000 + '": 1}'):
        assert len(str(refusal(text, NAMED))) < 400
    map_ = {"additionalProperties": {"type": "string"}}
    error = str(refusal('{"' + "k" * 1_000_000 + '": 1}', map_))
    assert error.count("k") <= 200
    assert "1 is not of type 'string'" in error


@pytest.mark.parametrize("schema", [True, [], {"type": 5}, {"$ref": "#/none"}, {"$ref": "http://127.0.0.1:1/s.json"}])
def test_what_is_no_schema_is_refused_before_the_text_is_read(schema):
    with pytest.raises(InputError):
        parse_json_with_fallbacks("{}", schema)


def test_what_is_no_text_is_refused():
    with pytest.raises(InputError, match="NoneType"):
        parse_json_with_fallbacks(None)


def test_a_schema_that_names_an_older_draft_is_read_as_one():
    pair = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "items": [{"type": "string"}, {"type": "integer"}],
        "additionalItems": False,
    }
    assert parsed('["a", 1]', pair).data == ["a", 1]
    assert refusal('["a", 1, 2]', pair).code == "STRUCTURED_OUTPUT_INVALID"
    with pytest.raises(InputError, match="no JSON Schema"):
        parsed('["a", 1]', {key: value for key, value in pair.items() if key != "$schema"})
