"""A request that fits an answer of which nobody kept the request: made up, and it says so."""

from __future__ import annotations

from harness.cassettes.interaction import Request
from harness.errors import InputError, NoSuchModel
from harness.model.registry import PROVIDERS
from harness.model.requests import body_bytes, request_of
from harness.model.router import PLACEHOLDER_KEY, resolve
from harness.providers import wire_of_target

_UNKNOWN_MODEL = "unknown-model"
_UNKNOWN_MODELS = {"cloudflare-run": "@cf/unknown/model"}
_ACCOUNT = {"AWS_REGION": "us-east-1", "CLOUDFLARE_ACCOUNT_ID": "ACCOUNT_ID"}
"""What stands in the addresses of providers that have none without it."""


def made_up(wire: str, model: str | None, name: str, *, stream: bool) -> Request:
    """Return a request to the provider whose main API the wire is, as our own model would send it, without a key.

    ``name`` is what was imported: it stands in the prompt, so that no two made-up requests are the same. A model that
    the wire cannot ask for is replaced by one whose name says that it is unknown.
    """
    for asked in (*([model] if model else []), _UNKNOWN_MODELS.get(wire, _UNKNOWN_MODEL)):
        try:
            request = _request(wire, asked, name, stream=stream)
        except (InputError, NoSuchModel):
            continue
        if wire_of_target(request.uri) == wire:
            return request
    raise AssertionError(f"no request can be made up for {wire}")


def _request(wire: str, model: str, name: str, *, stream: bool) -> Request:
    provider = next(one for one in PROVIDERS.values() if one.wire == wire)
    route = resolve(f"{provider.id}/{model}", {"apiKey": PLACEHOLDER_KEY}, environment=_ACCOUNT)
    said = {"type": "text", "text": f"(nobody recorded what was asked: {name})"}
    asking = request_of(route, {"prompt": [{"role": "user", "content": [said]}]}, stream=stream)
    headers = {name: (value,) for name, value in asking.headers.items() if PLACEHOLDER_KEY not in value}
    return Request("POST", route.base_url + asking.path, headers, body_bytes(asking.body))
