"""What §14, the readings R32-R37 and the ledger's section H ask for, row by row, and the cases that ask it.

The tables are written by hand: a row that loses its case fails here, by name. At the end wrong implementations are
asked the cases, for a case that nobody can fail asks nothing.
"""

from __future__ import annotations

import json
import re

import pytest

from harness.bundled import ReferenceAdapter
from harness.drivers import connect
from harness.drivers.driver import Implementation
from harness.drivers.python import PythonDriver
from harness.results import Failed, Passed
from harness.rules import ALL
from harness.runner import run
from harness.suite import store

AREAS = ("parsing", "schema-transforms", "structured")


def of(area, *names):
    return [f"{area}/{name}" for name in names]


PARSER = {  # R36, in its order
    "the whole text": of("parsing", "whole-object", "whole-array", "whole-in-white-space", "empty-object"),
    "the whole text behind a mark or odd spaces": of("parsing", "byte-order-mark", "unicode-spaces"),
    "the whole text and nothing inside it": of(
        "parsing", "an-object-inside-does-not-stand-in", "array-of-one-for-an-object", "json-in-a-json-text"
    ),
    "a fenced block": of("parsing", "fenced", "fenced-without-a-word", "fenced-with-more-words", "fenced-in-one-line"),
    "a fenced block in capitals": of("parsing", "fenced-in-capitals"),
    "a fenced block that is odd": of(
        "parsing", "fenced-by-four", "fence-left-open", "fenced-with-a-comment", "fence-of-another-language"
    ),
    "the last block that fits": of(
        "parsing", "several-fences-last-fits", "several-fences-first-fits", "several-fences-middle-fits"
    ),
    "blocks before what stands between words": of(
        "parsing",
        "fence-before-the-sentence",
        "fence-in-capitals-before-words",
        "fence-without-a-word-before-words",
        "fence-of-another-word-before-words",
        "fenced-example-does-not-fit",
    ),
    "one block where there is no schema": of("parsing", "several-fences-without-a-schema"),
    "fences inside strings": of("parsing", "fence-inside-a-string", "fence-inside-a-string-between-words"),
    "objects and arrays between words": of("parsing", "between-words", "behind-words", "before-words"),
    "outermost ones": of("parsing", "outermost-object", "array-between-words", "array-of-one-between-words"),
    "balanced ones": of("parsing", "a-brace-before", "braces-behind", "braces-in-prose", "brackets-in-prose"),
    "outside strings": of("parsing", "brackets-inside-strings", "a-quote-before"),
    "the last that fits": of("parsing", "two-objects-last-fits", "two-objects-first-fits", "an-object-in-each-line"),
    "the first where there is no schema": of("parsing", "two-objects-without-a-schema"),
    "only an object or an array without a schema": of(
        "parsing", *(f"a-{kind}-without-a-schema" for kind in ("number", "null", "text", "true"))
    ),
    "whatever the schema asks for": of(
        "parsing", "a-number-that-is-asked-for", "a-text-that-is-asked-for", "a-null-that-is-asked-for"
    ),
    "what does not validate is no answer": of(
        "parsing",
        "a-required-member-is-missing",
        "a-member-too-many",
        "a-member-of-another-type",
        "a-member-off-the-list",
        "a-fault-deep-inside",
        "a-fault-behind-a-reference",
        "a-number-for-an-object",
    ),
    "raw text is the candidate": of("parsing", "fenced-with-carriage-returns", "big-integers"),
    "nothing is mended": of(
        "parsing",
        "single-quotes",
        "a-trailing-comma",
        "a-comment-inside",
        "names-without-quotes",
        "not-a-number",
        "a-raw-line-break-in-a-string",
    ),
    "no answer is an error": of("parsing", "empty-text", "white-space-only", "prose-only", "long-prose"),
    "half an answer is none": of(
        "parsing", "cut-off-in-a-string", "cut-off-between-members", "cut-off-in-a-fence"
    ),
    "values stay what they are": of(
        "parsing", "sixty-deep", "numbers-in-every-form", "unicode", "falsy-members", "a-member-twice"
    ),
    "hostile text": of("parsing", *(f"hostile-{what}" for what in (
        "braces", "nesting", "brackets", "backticks", "quotes", "candidates"
    ))),
    "endings are told as themselves": of(
        "structured",
        *(f"length-{who}" for who in ("openai", "anthropic", "google", "by-instruction")),
        *(f"filtered-{who}" for who in ("openai", "google", "by-instruction")),
        "prompt-blocked",
        "refused-by-anthropic",
        "refused-by-openai",
        "error-inside-a-success",
        "failed-response",
        "a-body-that-breaks-off",
        "a-connection-that-is-reset",
    ),
}  # fmt: skip

TESTS_OF_14_7 = {
    "should parse direct JSON": of("parsing", "whole-object"),
    "should extract from code block": of("parsing", "fenced"),
    "should extract from mixed content": of("parsing", "between-words"),
    "should make optional fields nullable": of("schema-transforms", "optional-becomes-nullable"),
    "should reject oneOf": of("schema-transforms", "one-of-in-a-property"),
    "should convert null to undefined": of("structured", "nulls-of-optional-properties"),
    "should handle nested objects": of("structured", "nulls-of-optional-properties"),
}

LEDGER_H = {
    "H1 the deltas of a text": of("structured", "native-openai", "text-in-two-parts"),
    "H2 the input of the tool": of("structured", "forced-tool-anthropic", "forced-tool-behind-openrouter"),
    "H3 the provider's own field": of("structured", "native-openai", "native-google", "native-behind-openrouter"),
    "H4 the whole schema in the tool": of(
        "structured", "forced-tool-with-definitions", "forced-tool-with-variants", "forced-tool-for-an-array"
    ),
    "H5 text in place of the forced call": of("structured", "tool-not-called", "tool-and-words"),
    "H6 families behind routers": of(
        "structured",
        "forced-tool-behind-openrouter",
        "forced-tool-behind-vercel",
        "native-behind-openrouter",
        "native-gemini-behind-openrouter",
        "native-mistral-behind-openrouter",
    ),
    "H7 optional objects, arrays, enums, references": of(
        "schema-transforms", "optional-object", "optional-array", "optional-enum", "optional-reference"
    ),
    "H7 allOf, maps, definitions, root arrays": of(
        "schema-transforms", "all-of-in-a-property", "map-in-a-property", "references-in-an-array", "root-array"
    ),
    "H8 nulls that are meant": of("structured", "nulls-that-are-meant", "nulls-in-arrays", "nulls-of-free-members"),
    "H9 a bare number or null": of("parsing", "a-number-without-a-schema", "a-null-without-a-schema"),
    "H9 an example in the first fence": of("parsing", "several-fences-last-fits"),
    "H9 an array of one in a fence": of("parsing", "fenced-array-of-one", "fenced-array-of-one-with-a-schema"),
    "H9 two objects": of("parsing", "two-objects-last-fits", "two-objects-first-fits"),
    "H9 a fence in capitals": of("parsing", "fenced-in-capitals", "fence-in-capitals-before-words"),
    "H9 thoughts first": of("parsing", "thoughts-that-do-not-fit", "thoughts-that-fit", "thoughts-with-braces"),
    "H9 nobody looks at the schema": of("parsing", "a-required-member-is-missing", "a-member-too-many"),
    "H10 the real cause": of("structured", "length-openai", "filtered-google", "error-inside-a-success"),
    "H11 no second call after any error": of(
        "structured", "constrained-wrong-key", "constrained-forbidden", "constrained-aborted", "constrained-length"
    ),
    "H11 no decision by words": of("structured", "again-for-words-like-schema"),
}

REFUSALS = {  # R34: what OpenAI does not take, and where it may stand
    "oneOf": of("schema-transforms", *(f"one-of-{place}" for place in (
        "at-the-root", "in-a-property", "deep-inside", "in-items", "in-a-definition", "in-a-variant", "beside-null"
    ))),
    "allOf": of("schema-transforms", *(f"all-of-{place}" for place in ("at-the-root", "in-a-property", "in-items"))),
    "maps": of("schema-transforms", *(f"map-{place}" for place in (
        "at-the-root", "in-a-property", "beside-properties", "in-items", "in-a-definition", "of-maps"
    ))),
    "properties by a pattern": of("schema-transforms", "pattern-properties"),
    "references without an end": of("schema-transforms", "circular-references", "reference-to-itself-alone"),
    "references without a target": of("schema-transforms", "reference-to-nothing"),
    "Gemini's: recursion": of("schema-transforms", "google-recursion", "google-recursion-to-the-root"),
    "Gemini's: references without an end": of("schema-transforms", "google-circular-references"),
}  # fmt: skip

REFUSED_BEFORE_A_REQUEST = of(
    "structured",
    "one-of-for-openai",
    "all-of-for-openai",
    "map-for-openai",
    "circular-references",
    "circular-references-with-a-tool",
    "recursion-for-google",
    "a-model-without-a-provider",
    "an-unknown-provider",
    "a-missing-key",
)

NATIVE = {"openai-responses": "text", "openai-chat": "response_format", "google-generatecontent": "generationConfig"}
STRATEGIES = {  # §14.2, §14.8, R33: the way → who is asked in it
    "native": of("structured", "native-openai", "native-google", "native-gemini", "native-behind-openrouter"),
    "tool-based": of("structured", "forced-tool-anthropic", "forced-tool-behind-openrouter"),
    "constrained": of("structured", "native-mistral", "constrained-refused", "native-mistral-behind-openrouter"),
    "instruction": of("structured", "instruction-togetherai", "instruction-ollama", "instruction-custom-url"),
}

AGAIN = {  # R37: the case → how many requests it takes
    "again-after-prose": 2,
    "again-after-an-answer-that-does-not-fit": 2,
    "again-natively": 2,
    "again-with-a-tool": 2,
    "again-from-google": 2,
    "again-for-words-like-schema": 2,
    "the-third-attempt": 3,
    "three-attempts-in-vain": 3,
    "no-more-than-allowed": 2,
    "not-again-where-none-is-wanted": 1,
    "length-openai": 1,
    "filtered-openai": 1,
    "refused-by-anthropic": 1,
    "status-400": 1,
    "status-401": 1,
    "constrained-wrong-key": 1,
    "constrained-once-more": 3,
}


def rows(table):
    return [pytest.param(ids, id=row) for row, ids in table.items()]


@pytest.mark.parametrize("ids", rows(PARSER))
def test_every_branch_of_the_parser_is_asked(cases, ids):
    assert [id_ for id_ in ids if not {"R32", "R36"} & set(cases[id_]["sections"])] == []


@pytest.mark.parametrize("ids", rows(TESTS_OF_14_7))
def test_every_test_of_14_7_is_a_case(cases, ids):
    assert [id_ for id_ in ids if "§14.7" not in cases[id_]["sections"]] == []


@pytest.mark.parametrize("ids", rows(LEDGER_H))
def test_every_row_of_the_ledger_is_asked(cases, ids):
    assert [id_ for id_ in ids if id_ not in cases] == []


@pytest.mark.parametrize("ids", rows(REFUSALS))
def test_every_refusal_of_a_transform_is_asked(cases, ids):
    assert [id_ for id_ in ids if not cases[id_]["expect"]["raised"]] == []


@pytest.mark.parametrize("id_", REFUSED_BEFORE_A_REQUEST)
def test_what_can_be_refused_at_once_is_refused_before_a_request(cases, id_):
    assert cases[id_]["expect"]["raised"]
    assert cases[id_]["expect"]["requests"] == []


@pytest.mark.parametrize("id_", STRATEGIES["native"])
def test_a_native_case_names_the_field_of_its_wire(cases, id_):
    field = NATIVE[cases[id_]["given"]["wire"]]
    assert "schema" in json.dumps(cases[id_]["expect"]["requests"][0]["body"][field]).lower()


@pytest.mark.parametrize("id_", STRATEGIES["tool-based"])
def test_a_case_of_a_forced_tool_names_its_schema_and_leaves_the_name_open(cases, id_):
    (tool,) = cases[id_]["expect"]["requests"][0]["body"]["tools"]
    assert "structured_output" not in json.dumps(tool)
    assert "required" in json.dumps(tool)


@pytest.mark.parametrize("id_", STRATEGIES["constrained"])
def test_a_constrained_case_is_asked_natively_first_and_by_a_tool_then(cases, id_):
    first, *later = (request["body"] for request in cases[id_]["expect"]["requests"])
    assert first["response_format"] == {"type": "json_schema"}
    assert first["tools"] is None
    assert [body["response_format"] for body in later] == [None] * (len(cases[id_]["given"]["answers"]) - 1)


@pytest.mark.parametrize("id_", STRATEGIES["instruction"])
def test_an_instruction_is_a_system_message_and_nothing_else(cases, id_):
    body = cases[id_]["expect"]["requests"][0]["body"]
    assert body["messages"][0] == {"role": "system"}
    assert (body["response_format"], body["tools"]) == ({"json_schema": None}, None)


def test_a_case_on_openai_or_anthropic_says_that_the_answer_is_not_streamed(cases):
    bodies = {
        id_: [request.get("body", {"stream": False}) for request in case["expect"].get("requests", [])]
        for id_, case in cases.items()
        if case["operation"] == "structuredOutput" and case["given"]["wire"] != "google-generatecontent"
    }
    assert {id_ for id_, named in bodies.items() if any(body.get("stream") is not False for body in named)} == set()


@pytest.mark.parametrize(("name", "count"), AGAIN.items())
def test_every_number_of_attempts_is_asked_and_one_answer_more_is_at_hand(cases, name, count):
    case = cases[f"structured/{name}"]
    assert len(case["expect"]["requests"]) == count
    assert len(case["given"]["answers"]) >= count + (1 if case["expect"]["raised"] else 0)


def test_most_of_the_cases_of_the_parser_expect_the_data_or_an_error(cases):
    asked = {id_: case["expect"] for id_, case in cases.items() if id_.startswith("parsing/")}
    open_ = {id_ for id_, expect in asked.items() if "data" not in expect and not expect["raised"]}
    assert open_ == {"parsing/several-fences-without-a-schema", "parsing/big-integers"}


def test_the_areas_are_as_large_as_the_matter(cases):
    counts = {area: sum(id_.startswith(f"{area}/") for id_ in cases) for area in AREAS}
    assert {area: count for area, count in counts.items() if count < 40} == {}


def in_areas(*areas):
    return [case for case in store.bundled() if case.area in areas]


@pytest.fixture(scope="module")
def of_the_reference():
    return list(run(in_areas(*AREAS), connect("reference"), strict=True))


def test_the_reference_passes_every_case(of_the_reference):
    assert [result.case.id for result in of_the_reference if not isinstance(result, Passed)] == []


def test_every_rule_about_structured_output_is_exercised_by_a_case(of_the_reference):
    rules = {rule.id for rule in ALL if rule.id.startswith("STRUCT-")}
    assert rules - {id_ for result in of_the_reference for id_ in result.verdict.exercised} == set()


class AsItIsWritten:
    """§14.4's parser to the letter."""

    def parse_json(self, text, _):
        trimmed = text.strip()
        block = re.search(r"```(?:json)?\s*(\{[\s\S]*?\})\s*```", trimmed)
        outer = trimmed[trimmed.find("{") : trimmed.rfind("}") + 1]
        for candidate in (trimmed, block[1] if block else "", outer):
            try:
                return {"data": json.loads(candidate), "rawText": candidate}
            except ValueError:
                continue
        raise ValueError(f"Failed to parse structured output. Content preview: {trimmed[:200]}")


class RaisesAtOnce:
    """Gives nothing, whatever it is asked."""

    def parse_json(self, *_):
        raise ValueError("tried nothing")

    def transform_schema(self, *_):
        raise ValueError("tried nothing")

    async def structured_output(self, *_):
        raise ValueError("tried nothing")


class GivesAnything:
    """Gives an empty object, whatever it is asked."""

    def parse_json(self, *_):
        return {"data": {}, "rawText": "{}"}

    async def structured_output(self, *_):
        return {"data": {}, "rawText": "{}"}


class AsksForAnyObject(ReferenceAdapter):
    """Forgets the schema, so that any object will do."""

    async def structured_output(self, request, source, signal):
        return await super().structured_output({**request, "outputSchema": {"type": "object"}}, source, signal)


def failed_by(implementation, asked):
    """The ids of the cases in which something that a person wrote does not come out."""
    methods = {
        "parseJson": "parse_json",
        "transformSchema": "transform_schema",
        "structuredOutput": "structured_output",
    }
    offered = frozenset(name for name, method in methods.items() if hasattr(implementation, method))
    driver = PythonDriver(implementation, Implementation("wrong", offered, abortable=offered, approvable=offered))
    results = run(asked, driver, timeout=10)
    return {result.case.id for result in results if isinstance(result, Failed) and result.mismatches}


@pytest.fixture(scope="module")
def failed_as_written():
    return failed_by(AsItIsWritten(), in_areas("parsing"))


@pytest.mark.parametrize("ids", rows({row: ids for row, ids in LEDGER_H.items() if row.startswith("H9")}))
def test_the_parser_as_it_is_written_fails_what_the_ledger_has_against_it(failed_as_written, ids):
    assert set(ids) & failed_as_written


def test_an_implementation_that_gives_anything_meets_no_expectation():
    asked = in_areas("parsing", "structured")
    assert {case.id for case in asked} - failed_by(GivesAnything(), asked) == {"parsing/empty-object"}


def test_an_implementation_that_raises_at_once_meets_only_what_is_refused_in_any_words():
    asked = in_areas(*AREAS)
    any_words = {case.id for case in asked if case.expect.raised is True and not case.expect.requests}
    assert {case.id for case in asked} - failed_by(RaisesAtOnce(), asked) == any_words


def test_an_implementation_that_forgets_the_schema_is_seen_by_what_its_provider_received():
    ids = {*STRATEGIES["native"], *STRATEGIES["tool-based"]}
    asked = [case for case in in_areas("structured") if case.id in ids]
    assert failed_by(AsksForAnyObject(), asked) == ids
