import json

import pytest

from harness.errors import InputError
from harness.protocol.messages import ModelRequest, Text, Turn
from harness.providers import read_request


def read(target="/v1/completions", **body):
    return read_request("openai-completions", target, [], json.dumps(body).encode())


def said(*turns):
    return tuple(Turn(role, (Text(text),)) for role, text in turns)


def test_a_request_in_full():
    asked = read(
        model="gpt-3.5-turbo-instruct", prompt="Once", max_tokens=16, temperature=0.4, top_p=0.9, stream=True,
        stream_options={"include_usage": True}, n=2, best_of=2, echo=True, logprobs=5, suffix="end", stop=["x"],
    )  # fmt: skip
    assert asked == ModelRequest(
        model="gpt-3.5-turbo-instruct", max_tokens=16, temperature=0.4, top_p=0.9, stream=True,
        turns=said(("user", "Once")),
        extra={"stream_options": {"include_usage": True}, "n": 2, "best_of": 2, "echo": True, "logprobs": 5,
               "suffix": "end", "stop": ["x"]},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "turns"),
    [
        ("user:\nHello\n\nassistant:\n", [("user", "Hello")]),
        ("Be brief.\n\nuser:\nHello\n\nassistant:\n", [("system", "Be brief."), ("user", "Hello")]),
        (
            "user:\nHello\n\nassistant:\nHello to you too!\n\nuser:\nTwo\nlines\n\nassistant:\n",
            [("user", "Hello"), ("assistant", "Hello to you too!"), ("user", "Two\nlines")],
        ),
        ("user:\n\n\nassistant:\n\n\nuser:\nb\n\n\nassistant:\n", [("user", ""), ("assistant", ""), ("user", "b\n")]),
        ("assistant:\n", []),
    ],
)
def test_a_conversation_in_the_way_of_the_ai_sdk_is_read_back(prompt, turns):
    assert read(prompt=prompt).turns == said(*turns)


@pytest.mark.parametrize(
    "prompt",
    [
        "", "Hello", "user:\nHello", "user:\nHello\n\nassistant:", "user:\nHello\n\nassistant:\nHi",
        "user:\nHello\n\nassistant:\n\n\nuser:\n", "user: Hello\n\nassistant: ", "a\nuser:\nHello\nassistant:\n",
        "Human:\nHello\n\nassistant :\n",
    ],
)  # fmt: skip
def test_every_other_prompt_is_what_a_user_said(prompt):
    assert read(prompt=prompt).turns == said(("user", prompt))


def test_a_list_of_one_text_is_that_text():
    assert read(prompt=["Once"]) == read(prompt="Once")


@pytest.mark.parametrize("prompt", [["a", "b"], [1, 2, 3], [[1, 2], [3]], []])
def test_several_prompts_and_tokens_stand_as_they_came(prompt):
    asked = read(prompt=prompt)
    assert (asked.turns, asked.extra) == ((), {"prompt": prompt})


def test_without_a_prompt_nobody_says_anything():
    assert read(model="m").turns == ()


@pytest.mark.parametrize("prompt", [7, {"text": "Once"}, True])
def test_a_prompt_of_another_kind_is_an_input_error(prompt):
    with pytest.raises(InputError, match=r"prompt is .*, where the API has text, or a list of texts or tokens"):
        read(prompt=prompt)


def test_azure_names_the_model_in_the_path():
    target = "/openai/deployments/my%20model/completions?api-version=1"
    assert read(target, prompt="Once").model == "my model"
    assert read(target, prompt="Once", model="m").model == "m"
