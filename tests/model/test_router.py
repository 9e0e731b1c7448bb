import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InputError, NoSuchModel
from harness.model.router import PLACEHOLDER_KEY, resolve

KEY = "sk-live-0123456789abcdef"
PLAYED = "http://127.0.0.1:4711/play"


def routed(model_id, config=None, environment=None, **more):
    return resolve(model_id, config or {}, environment=environment or {}, **more)


def test_a_native_provider_with_its_key_from_the_environment():
    route = routed("openai/gpt-4o", environment={"OPENAI_API_KEY": KEY})
    assert (route.provider, route.model_id, route.model_name) == ("openai", "gpt-4o", "gpt-4o")
    assert (route.wire, route.base_url) == ("openai-responses", "https://api.openai.com/v1")
    assert route.headers == {"authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("model_id", "headers"),
    [
        ("anthropic/claude-sonnet-4-5", {"x-api-key": KEY, "anthropic-version": "2023-06-01"}),
        ("google/gemini-2.5-flash", {"x-goog-api-key": KEY}),
        ("groq/llama-3.3-70b-versatile", {"authorization": f"Bearer {KEY}"}),
        ("azure-openai/my-deployment", {"api-key": KEY}),
    ],
)
def test_the_key_travels_in_the_provider_s_own_header(model_id, headers):
    route = routed(model_id, {"apiKey": KEY}, {"AZURE_RESOURCE_NAME": "mine"})
    assert route.headers == headers


def test_the_first_slash_ends_the_provider_and_the_rest_may_hold_more():
    route = routed("openrouter/anthropic/claude-sonnet-4.5", {"apiKey": KEY})
    assert (route.provider, route.model_id) == ("openrouter", "anthropic/claude-sonnet-4.5")
    assert route.model_name == "anthropic/claude-sonnet-4.5"


@pytest.mark.parametrize(
    ("model_id", "named"),
    [
        (None, "NoneType"),
        ("google/\ud83d", "half a character"),
        (7, "int"),
        ("gpt-4o", "has no slash"),
        ("", "has no slash"),
        ("/gpt-4o", "no provider"),
        (" /gpt-4o", "no provider"),
        ("openai/", "no model"),
        ("openai/ ", "no model"),
        ("netlify/gpt-4o", "netlify/PROVIDER/MODEL"),
        ("netlify/openai/", "netlify/PROVIDER/MODEL"),
        ("netlify//gpt-4o", "netlify/PROVIDER/MODEL"),
        ("azure-openai/a/b", "azure-openai/DEPLOYMENT"),
        ("opnai/gpt-4o", "did you mean openai"),
        ("azure/gpt-4o", "did you mean azure-openai"),
        ("OpenAI/gpt-4o", "did you mean openai"),
        ("acme/model", "known are openai, anthropic"),
    ],
)
def test_an_id_that_names_no_model_is_refused_with_the_fault_and_what_to_do(model_id, named):
    with pytest.raises(NoSuchModel) as caught:
        routed(model_id, {"apiKey": KEY})
    assert named in str(caught.value)
    assert caught.value.code == "MODEL_NOT_FOUND"
    assert KEY not in str(caught.value)


def test_a_missing_key_names_its_variables():
    with pytest.raises(NoSuchModel, match="GOOGLE_GENERATIVE_AI_API_KEY or GOOGLE_API_KEY") as caught:
        routed("google/gemini-2.5-flash", environment={"GOOGLE_API_KEY": "  "})
    assert caught.value.code == "API_KEY_MISSING"


def test_the_variable_that_means_only_this_api_comes_first():
    both = {"GOOGLE_API_KEY": "for-maps", "GOOGLE_GENERATIVE_AI_API_KEY": "for-gemini"}
    assert routed("gemini/g", environment=both).headers == {"x-goog-api-key": "for-gemini"}
    assert routed("gemini/g", environment={"GOOGLE_API_KEY": "k"}).headers == {"x-goog-api-key": "k"}


def test_a_configured_key_beats_the_environment_and_a_blank_one_does_not():
    environment = {"OPENAI_API_KEY": "from-environment"}
    assert routed("openai/m", {"apiKey": KEY}, environment).headers["authorization"] == f"Bearer {KEY}"
    assert routed("openai/m", {"apiKey": ""}, environment).headers["authorization"] == "Bearer from-environment"


def test_a_server_on_this_machine_needs_no_key_and_sends_none():
    route = routed("ollama/llama3.2")
    assert (route.base_url, route.headers) == ("http://127.0.0.1:11434", {})


def test_a_custom_url_means_chat_completions_whatever_the_id_says():
    environment = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "https://elsewhere.test"}
    route = routed("anthropic/claude-sonnet-4-5", {"url": "https://llm.example.test/v1/"}, environment)
    assert (route.wire, route.base_url) == ("openai-chat", "https://llm.example.test/v1")
    assert route.headers == {}, "a provider's key is not for other hosts"


def test_a_custom_url_with_a_key_for_a_provider_that_nobody_knows():
    route = routed("acme/big-model", {"url": "https://llm.example.test/v1", "apiKey": KEY})
    assert (route.provider, route.model_name) == ("acme", "big-model")
    assert route.headers == {"authorization": f"Bearer {KEY}"}
    assert (route.limit_name, route.asks_for_usage) == ("max_tokens", True)


def test_a_custom_url_stays_where_it_is_when_a_provider_is_played():
    route = routed("openai/m", {"url": "https://llm.example.test/v1"}, base_url=PLAYED)
    assert route.base_url == "https://llm.example.test/v1"


def test_a_custom_url_keeps_the_chat_habits_of_the_provider_that_the_id_names():
    route = routed("mistral/m", {"url": "https://proxy.example.test/v1"})
    assert not route.asks_for_usage


def test_a_custom_url_does_not_excuse_an_id_without_a_slash():
    with pytest.raises(NoSuchModel, match="no slash"):
        routed("gpt-4o", {"url": "https://llm.example.test/v1"})


@pytest.mark.parametrize(
    "url",
    [
        7, "", "llm.example.test/v1", "ftp://llm.example.test", "https://", "http://[broken", "https://a b/v1",
        "https://h\r\nx: y/", "https://h:99999/", "https://h/v1?api-version=1", "https://h/v1#part",
        "https://h/v1?", "https://h/v1#", "https://h/v1/?", "https://h?", "https://h/#?",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_refused_without_being_shown(url):
    with pytest.raises(InputError, match=r"^url ") as caught:
        routed("openai/m", {"url": url})
    assert "example" not in str(caught.value)


def test_a_played_provider_takes_the_place_of_the_registry_s_url():
    route = routed("anthropic/claude-sonnet-4-5", base_url=PLAYED + "/")
    assert (route.wire, route.base_url) == ("anthropic-messages", PLAYED)
    assert route.headers == {"x-api-key": PLACEHOLDER_KEY, "anthropic-version": "2023-06-01"}
    assert route.secrets == ()


def test_a_played_provider_never_receives_a_key_of_the_environment():
    environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": "https://real.example.test"}
    route = routed("openai/m", environment=environment, base_url=PLAYED)
    assert (route.base_url, route.headers) == (PLAYED, {"authorization": f"Bearer {PLACEHOLDER_KEY}"})


def test_a_played_provider_receives_a_configured_key():
    assert routed("openai/m", {"apiKey": KEY}, base_url=PLAYED).headers == {"authorization": f"Bearer {KEY}"}


def test_a_blank_key_is_a_missing_one_for_a_played_provider_too():
    with pytest.raises(NoSuchModel, match="OPENAI_API_KEY"):
        routed("openai/m", {"apiKey": ""}, base_url=PLAYED)


@pytest.mark.parametrize("model_id", ["acme/model", "gpt-4o", "netlify/gpt-4o"])
def test_a_played_provider_excuses_no_id(model_id):
    with pytest.raises(NoSuchModel):
        routed(model_id, base_url=PLAYED)


def test_a_variable_moves_a_provider_to_another_url():
    environment = {"FIREWORKS_AI_BASE_URL": "https://proxy.example.test/fw/", "FIREWORKS_API_KEY": KEY}
    assert routed("fireworks-ai/m", environment=environment).base_url == "https://proxy.example.test/fw"


def test_a_url_with_a_variable_in_it_is_filled_from_the_environment():
    environment = {"CLOUDFLARE_ACCOUNT_ID": "acc", "CLOUDFLARE_API_KEY": KEY}
    route = routed("cloudflare-workers-ai/@cf/meta/llama-3.1-8b-instruct", environment=environment)
    assert route.base_url == "https://api.cloudflare.com/client/v4/accounts/acc/ai/v1"
    assert route.model_name == "@cf/meta/llama-3.1-8b-instruct"


@pytest.mark.parametrize(
    ("model_id", "variable"),
    [("azure-openai/d", "AZURE_RESOURCE_NAME"), ("netlify/openai/m", "NETLIFY_AI_GATEWAY_BASE_URL")],
)
def test_a_variable_of_a_url_that_is_not_set_is_named(model_id, variable):
    with pytest.raises(NoSuchModel, match=variable) as caught:
        routed(model_id, {"apiKey": KEY})
    assert caught.value.code == "BASE_URL_MISSING"


@pytest.mark.parametrize(
    ("model_id", "wire", "base_url", "header", "name"),
    [
        ("netlify/openai/gpt-4o", "openai-responses", "https://gw.test/ai", "authorization", "gpt-4o"),
        ("netlify/anthropic/claude-x", "anthropic-messages", "https://gw.test/ai/v1", "x-api-key", "claude-x"),
        ("netlify/gemini/g", "google-generatecontent", "https://gw.test/ai/v1beta", "x-goog-api-key", "g"),
        ("netlify/other/org/m", "openai-chat", "https://gw.test/ai", "authorization", "org/m"),
    ],
)
def test_a_prefixed_gateway_asks_each_provider_in_its_own_words(model_id, wire, base_url, header, name):
    environment = {"NETLIFY_AI_GATEWAY_BASE_URL": "https://gw.test/ai/", "NETLIFY_AI_GATEWAY_KEY": KEY}
    route = routed(model_id, environment=environment)
    assert (route.wire, route.base_url, route.model_name) == (wire, base_url, name)
    assert KEY in route.headers[header]
    assert (route.provider, f"netlify/{route.model_id}") == ("netlify", model_id)


def test_azure_is_asked_by_the_url_of_a_deployment():
    route = routed("azure-openai/prod", {"apiKey": KEY}, {"AZURE_RESOURCE_NAME": "mine"})
    assert route.base_url == "https://mine.openai.azure.com/openai"
    assert route.api_version == "2024-04-01-preview"


@pytest.mark.parametrize("key", ["a\nb", "sk-live\n", "a\x00b", "with space", "schlüssel", 7, ["k"]])
@pytest.mark.parametrize("config_key", [True, False])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key, config_key):
    config = {"apiKey": key} if config_key else {}
    environment = {} if config_key else {"OPENAI_API_KEY": key}
    with pytest.raises(InputError) as caught:
        routed("openai/m", config, environment)
    assert ("apiKey" if config_key else "OPENAI_API_KEY") in str(caught.value)
    assert str(key) not in str(caught.value)


def test_configured_headers_arrive_with_every_provider_and_beat_ours():
    given_headers = {"X-Trace": "t-1", "Anthropic-Version": "2024-01-01"}
    route = routed("anthropic/c", {"apiKey": KEY, "headers": given_headers})
    assert route.headers == {"x-api-key": KEY, "x-trace": "t-1", "anthropic-version": "2024-01-01"}
    assert routed("a/b", {"url": "http://h/v1", "headers": given_headers}).headers["x-trace"] == "t-1"


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        (["x"], "no object"),
        ({"x": 1}, "x, whose value"),
        ({"x": "secret\r\nevil: 1"}, "x, whose value"),
        ({"x": "sécret"}, "x, whose value"),
        ({"x y": "secret"}, "no header's name"),
        ({"": "secret"}, "no header's name"),
        ({1: "secret"}, "no header's name"),
        ({"Content-Length": "3"}, "Content-Length"),
        ({"transfer-encoding": "chunked"}, "transfer-encoding"),
    ],
)
def test_headers_that_http_cannot_carry_are_refused_by_name(headers, named):
    with pytest.raises(InputError, match=named) as caught:
        routed("openai/m", {"apiKey": KEY, "headers": headers})
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("config", [[], "sk-live", 7])
def test_a_configuration_that_is_no_object_is_refused(config):
    with pytest.raises(InputError, match="configuration is no object"):
        resolve("openai/m", config, environment={})


def test_neither_a_key_nor_a_header_is_in_a_route_s_repr():
    config = {"apiKey": KEY, "headers": {"authorization": "Bearer other-secret-1", "cookie": "session=abc12345"}}
    for route in (
        routed("openai/m", config),
        routed("openai/m", {"url": "https://user:hunter2-hunter2@h.test/v1", "apiKey": KEY}),
    ):
        for secret in (KEY, "other-secret-1", "abc12345", "hunter2"):
            assert secret not in repr(route)
            assert secret not in str(route)
    assert repr(routed("openai/gpt-4o", config)) == "Route(openai/gpt-4o, openai-responses, https://api.openai.com)"


def test_a_route_s_repr_shows_the_host_of_an_address_and_nothing_more():
    url = "http://me:word-pass@[::1]:8080/tenant/t0k3n/v1"
    assert repr(routed("a/b", {"url": url})) == "Route(a/b, openai-chat, http://[::1]:8080)"
    moved = routed("openai/m", {"apiKey": KEY}, {"OPENAI_BASE_URL": "https://gw.test/hidden/v1"})
    assert repr(moved) == "Route(openai/m, openai-responses, https://gw.test)"


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://h.test/v1", set()),
        ("https://h.test/api/v1beta/openai/", set()),
        ("https://h.test/tenant-9/s3cr%2Ft/v1/x", {"tenant-9", "s3cr%2Ft"}),
        ("https://h.test/a-provider/models/its-model/part", set()),
    ],
)
def test_what_a_path_holds_beyond_the_words_of_an_api_is_secret(url, secrets):
    assert set(routed("a-provider/its-model/part", {"url": url}).secrets) == secrets


def test_a_path_of_the_environment_is_secret_and_that_of_a_played_provider_is_not():
    environment = {"OPENAI_BASE_URL": "https://h.test/tenant-9/v1", "CLOUDFLARE_ACCOUNT_ID": "account-9"}
    assert routed("openai/m", {"apiKey": KEY}, environment).secrets == (KEY, "tenant-9")
    assert routed("cloudflare-workers-ai/m", {"apiKey": KEY}, environment).secrets == (KEY, "account-9")
    assert routed("openai/m", environment=environment, base_url="http://127.0.0.1:1/place-1").secrets == ()


def test_the_secrets_of_a_route_are_its_key_its_headers_and_what_its_url_carries():
    headers = {"X-Proxy-Auth": "Basic dXNlcjpwYXNz", "user-agent": "my-app"}
    route = routed("a/b", {"url": "https://user:pass-word@h/v1", "apiKey": KEY, "headers": headers})
    assert set(route.secrets) == {
        KEY,
        "Basic dXNlcjpwYXNz",
        "dXNlcjpwYXNz",
        "user",
        "pass-word",
        "dXNlcjpwYXNzLXdvcmQ=",
    }


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text())), st.booleans())
def test_any_id_is_routed_or_refused_with_a_typed_error(model_id, played):
    refused = ""
    try:
        route = resolve(model_id, {"apiKey": KEY}, base_url=PLAYED if played else None, environment={})
    except NoSuchModel as error:
        refused = str(error)
    assert KEY not in refused
    assert refused or f"{route.provider}/{route.model_id}" == model_id


@given(st.sampled_from(["openai", "anthropic", "google", "mistral"]), st.text(min_size=1))
def test_any_key_is_carried_or_refused_and_never_shown(provider, key):
    refused = ""
    try:
        route = resolve(f"{provider}/m", {"apiKey": f"sk-{key}"}, base_url=PLAYED, environment={})
    except InputError as error:
        refused = str(error)
    assert f"sk-{key}" not in refused
    assert refused or any(value.endswith(f"sk-{key}") for value in route.headers.values())
