"""A model's id and a configuration → where its requests go, in which words, and under which key (§2, ledger 2.5).

§15.3 takes the text before the first slash for the provider and calls an id without one ``unknown``; the real router
refuses such an id (ledger A13), and so do we. The rest of the id may hold slashes. What is read of the configuration::

    apiKey    beats the environment; blank is none
    url       an OpenAI-compatible server, whatever the id says (ledger 2.1); the key is then optional and is never
              taken from the environment: a provider's key is not for other hosts
    headers   go with every request, above ours

A provider that is played at ``base_url`` takes the place of the registry's URL, and not of a ``url``. It gets the
configuration's key, else :data:`PLACEHOLDER_KEY`, and never one of the environment: what it receives is kept and
shown. An ``apiKey`` that is there and blank is a missing key, also for a played provider.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.errors import InputError, NoSuchModel
from harness.model.headers import checked_headers, checked_key
from harness.model.registry import CUSTOM, PROVIDERS, LimitName, Provider, Wire
from harness.model.secrets import redacted, secrets_of_header
from harness.protocol.json_text import encodable

PLACEHOLDER_KEY = "played-provider-needs-no-key"
"""What a played provider receives in its key's header where the configuration has no key."""

_WORDS_OF_PATHS = frozenset(
    part for provider in PROVIDERS.values() for part in urlsplit(provider.base_url).path.split("/")
) | {"chat", "deployments", "models"}
_VERSION = re.compile(r"v\d+(?:alpha|beta)?\d*")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SHOWN = 80


@dataclass(frozen=True, slots=True, repr=False)
class Route:
    """Where the requests for one model go.

    ``provider`` and ``model_id`` are the two halves of the router's id; ``model_name`` is what the provider calls the
    model, which behind a prefixed gateway is only the last part. ``headers`` hold the key; ``secrets`` are what no
    message may show. The other members are the provider's habits, see :class:`harness.model.registry.Provider`.
    """

    provider: str
    model_id: str
    model_name: str
    wire: Wire
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    limit_name: LimitName = "max_tokens"
    asks_for_usage: bool = True
    api_version: str | None = None

    def __repr__(self) -> str:
        # Of the address only scheme and host: keys were seen in the paths of gateways.
        where = urlsplit(self.base_url)
        host = f"{where.scheme}://{where.netloc.rpartition('@')[2]}"
        return redacted(f"Route({self.provider}/{self.model_id}, {self.wire}, {host})", self.secrets)


def resolve(
    model_id: object,
    config: Mapping[str, Any] | None = None,
    *,
    base_url: str | None = None,
    environment: Mapping[str, str],
) -> Route:
    """Return the route to a model; ``base_url`` is where its provider is played, if it is.

    Raises :class:`NoSuchModel` for an id that names no model of a known provider and for a key or a variable of its URL
    that is not there, :class:`InputError` for a configuration that cannot be sent. No message shows a key.
    """
    config = {} if config is None else config
    if not isinstance(config, Mapping):
        raise InputError("the configuration is no object")
    provider_id, rest = _halves(model_id)
    headers = checked_headers(config.get("headers"), "headers of the configuration")
    given_key = checked_key(config.get("apiKey"), "apiKey of the configuration")
    if (url := config.get("url")) is not None:
        known = PROVIDERS.get(provider_id, CUSTOM)
        habits = replace(CUSTOM, limit_name=known.limit_name, asks_for_usage=known.asks_for_usage)
        place = checked_url(url, "url")
        return _with_path_secret(_route(provider_id, rest, rest, habits, place, given_key, headers))
    provider, name = _asked(provider_id, rest)
    if base_url is not None:
        key = given_key or (None if "apiKey" in config and config["apiKey"] is not None else PLACEHOLDER_KEY)
        place = checked_url(base_url, "the played provider's URL")
    else:
        key = given_key or _key_in(provider, environment)
        place = ""
    if key is None and provider.needs_key:
        raise NoSuchModel(_no_key(provider, provider_id, rest), code="API_KEY_MISSING")
    route = _route(provider_id, rest, name, provider, place or _place(provider, environment), key, headers)
    return route if place else _with_path_secret(route)


def _halves(model_id: object) -> tuple[str, str]:
    """Split an id at its first slash; raises :class:`NoSuchModel` where a half is missing."""
    if not isinstance(model_id, str):
        raise _not_found(f"a model id is text such as openai/gpt-4o, not {type(model_id).__name__}")
    if not encodable(model_id):
        raise _not_found("the model id holds half a character, which no request can carry")
    provider, slash, rest = model_id.partition("/")
    if not slash:
        raise _not_found(f"the model id {_shown(model_id)} has no slash; write provider/model, such as openai/gpt-4o")
    if not provider.strip():
        raise _not_found(f"the model id {_shown(model_id)} names no provider before its slash")
    if not rest.strip():
        raise _not_found(f"the model id {_shown(model_id)} names no model behind its slash")
    return provider, rest


def _asked(provider_id: str, rest: str) -> tuple[Provider, str]:
    """Return the provider with the habits that hold for this model, and the name by which it knows the model."""
    provider = PROVIDERS.get(provider_id)
    if provider is None:
        raise _not_found(_no_provider(provider_id))
    if provider.api_version is not None and "/" in rest:
        raise _not_found(f"write {provider.id}/DEPLOYMENT; the deployment {_shown(rest)} has a slash in it")
    if provider.prefixes is None:
        return provider, rest
    behind, slash, name = rest.partition("/")
    if not (slash and behind.strip() and name.strip()):
        wanted = f"{provider.id}/PROVIDER/MODEL, such as {provider.id}/openai/gpt-4o"
        raise _not_found(f"models of {provider.name} have three parts: write {wanted}")
    habits = PROVIDERS[behind] if behind in provider.prefixes else CUSTOM
    base_url = provider.base_url + provider.prefixes.get(behind, "")
    own = replace(habits, id=provider.id, name=provider.name, base_url=base_url, needs_key=True)
    return replace(own, key_variables=provider.key_variables), name


def _no_provider(provider_id: str) -> str:
    wanted = provider_id.lower()
    near = [known for known in PROVIDERS if known.startswith(wanted) or wanted.startswith(known)]
    near += [known for known in get_close_matches(wanted, PROVIDERS, n=3) if known not in near]
    guess = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(PROVIDERS)}."
    return f"there is no provider {_shown(provider_id)}; {guess} Any OpenAI-compatible server is reached by a url"


def _no_key(provider: Provider, provider_id: str, rest: str) -> str:
    variables = " or ".join(provider.key_variables)
    return f"{_shown(f'{provider_id}/{rest}')} needs the key of {provider.name}: set {variables}, or give apiKey"


def _key_in(provider: Provider, environment: Mapping[str, str]) -> str | None:
    keys = (checked_key(environment.get(name), f"the variable {name}") for name in provider.key_variables)
    return next((key for key in keys if key is not None), None)


def _place(provider: Provider, environment: Mapping[str, str]) -> str:
    """Return the base URL, from the provider's own variable or from the registry."""
    if own := environment.get(provider.base_url_variable, "").strip():
        return checked_url(own, f"the variable {provider.base_url_variable}")

    def filled(found: re.Match[str]) -> str:
        if value := environment.get(found[1], "").strip():
            return value.rstrip("/")
        wanted = f"set {found[1]}, or {provider.base_url_variable} to the whole of it"
        raise NoSuchModel(f"the URL of {provider.name} is not known: {wanted}", code="BASE_URL_MISSING")

    return checked_url(_VARIABLE.sub(filled, provider.base_url), f"the URL of {provider.name}")


def checked_url(url: object, place: str) -> str:
    """Return a base URL without its last slash; raises :class:`InputError`, which shows nothing of it."""
    if not isinstance(url, str) or any(character <= " " or character == "\x7f" for character in url.strip()):
        raise InputError(f"{place} is not a URL")
    try:
        parts = urlsplit(url.strip())
        found = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        found = False
    if not found:
        raise InputError(f"{place} is not a URL of http or https")
    if "?" in url or "#" in url:  # also where nothing follows
        raise InputError(f"{place} has a query or a fragment; a base URL ends with its path")
    return url.strip().rstrip("/")


def _with_path_secret(route: Route) -> Route:
    """Count among the secrets what the URL's path holds beyond the words of an API and of the model's id.

    Gateways were seen to find a key there. Parts of three characters prove nothing.
    """
    known = {*_WORDS_OF_PATHS, route.provider, *route.model_id.split("/")}
    parts = urlsplit(route.base_url).path.split("/")
    found = [part for part in parts if len(part) > 3 and part not in known and not _VERSION.fullmatch(part)]
    return replace(route, secrets=tuple(dict.fromkeys((*route.secrets, *found))))


def _route(  # noqa: PLR0913, PLR0917 - each is one decision of the caller, and there are two callers
    provider_id: str,
    rest: str,
    name: str,
    provider: Provider,
    place: str,
    key: str | None,
    headers: Mapping[str, str],
) -> Route:
    sent = dict(provider.headers)
    if key is not None:
        sent[provider.key_header] = f"Bearer {key}" if provider.key_header == "authorization" else key
    secrets = [key] if key is not None and key != PLACEHOLDER_KEY else []
    secrets += [secret for header, value in headers.items() for secret in secrets_of_header(header, value)]
    where = urlsplit(place)
    secrets += [part for part in (where.username, where.password) if part]
    if where.username or where.password:  # as HTTP sends them where there is no key (RFC 7617)
        secrets.append(b64encode(unquote(f"{where.username or ''}:{where.password or ''}").encode()).decode())
    return Route(
        provider=provider_id,
        model_id=rest,
        model_name=name,
        wire=provider.wire,
        base_url=place,
        headers={**sent, **headers},
        secrets=tuple(dict.fromkeys(secrets)),
        limit_name=provider.limit_name,
        asks_for_usage=provider.asks_for_usage,
        api_version=provider.api_version,
    )


def _not_found(message: str) -> NoSuchModel:
    return NoSuchModel(message, code="MODEL_NOT_FOUND")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
