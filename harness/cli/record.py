"""``streamchunk record``: what a provider answers, kept with its pieces and its pauses."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import click

from harness.cassettes.redaction import WHOLE
from harness.cassettes.writing import check_place
from harness.cli.ending import Status, last_line
from harness.cli.files import title, whole
from harness.cli.recording_proxy import OF_A_LONG_BODY, listen_and_record
from harness.errors import HarnessError, InputError, NoSuchModel
from harness.model.recording import question, recorded
from harness.model.registry import PROVIDERS
from harness.protocol.json_text import NotJson, decoded
from harness.providers import OUT_OF_SCOPE, wire_named
from harness.reports.findings import escaped, shown

_LONGEST_TIMEOUT = 86_400.0  # seconds
_JOINER = "\u200d"  # not printable, and a part of what people see as one character
_SCHEMAS = ("inputSchema", "parameters", "input_schema")
"""What a tool's schema is called by the AI SDK, by OpenAI and by Anthropic."""

_ASKING = ("provider", "model", "prompt")
_OF_ASKING = ("system", "tools", "schema", "max_tokens", "base_url", "headers", "no_stream", "force", "timeout")
_LISTENING = ("listen", "upstream")
_OF_LISTENING = ("wire", "keep_encoding")


@click.command()
@click.option("--provider", metavar="ID", help="Whom to ask: openai, anthropic, google, ollama, …")
@click.option("--model", metavar="NAME", help="Its model, as the provider calls it.")
@click.option("--prompt", metavar="TEXT", help="What to ask.")
@click.option("-o", "--output", "output", metavar="FILE|DIR", required=True, help="The cassette, or a folder for many.")
@click.option("--system", metavar="TEXT", help="What the model is told before.")
@click.option("--tool", "tools", metavar="FILE", multiple=True, help="JSON of a tool, or of a list; may be repeated.")
@click.option("--schema", metavar="FILE", help="A JSON Schema that the answer is to follow.")
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="The most tokens of the answer.")
@click.option("--base-url", metavar="URL", help="A server that speaks as the provider does; it gets no key.")
@click.option("--header", "headers", metavar="NAME=VALUE", multiple=True, help="Sent too; may be repeated.")
@click.option("--no-stream", is_flag=True, help="Ask for a whole answer.")
@click.option("--timeout", type=click.FloatRange(min=0, max=_LONGEST_TIMEOUT, min_open=True), metavar="S",
              help="Seconds that the answer may take.  [default: 600]")  # fmt: skip
@click.option("--force", is_flag=True, help="Write over FILE.")
@click.option("--listen", metavar="HOST:PORT", help="Be a proxy at this address; port 0 is any that is free.")
@click.option("--upstream", metavar="URL", help="Where the proxy sends what it is asked: https://api.openai.com")
@click.option("--wire", metavar="NAME", help="The API that is spoken; told by each request's path if not given.")
@click.option("--keep-encoding", is_flag=True, help="Let the provider compress; the pieces are then unpacked ones.")
@click.pass_context
def record(ctx: click.Context, /, output: str, **given: Any) -> Status:
    """Record what a provider answers, byte for byte, with its pieces and its pauses, and without the keys.

    Two ways. With --provider, --model and --prompt one question is asked under the key that the provider's variable
    holds (OPENAI_API_KEY, …); the answer's text is printed as it comes, and -o names the cassette. With --listen and
    --upstream an application that already runs is recorded, in any language: it uses the proxy's address, printed on
    the first line, in place of its provider's. -o is then a folder, with a cassette for each exchange and nothing ever
    overwritten. An exchange that the application itself breaks off is not kept. Ctrl-C ends it.

    A key goes to the provider's own address only, or to one that a variable such as OPENAI_BASE_URL names.

    Keys and other secrets are taken out in memory, before anything is written. Of an answer of more than 8 MiB this is
    done part by part: a secret that spreads over 64 KiB of it, as a whole or in the messages that share it, is not
    found there, and the last line says of how many recordings that is so. The pauses are the provider's, whatever else
    is being recorded, but for some tenths of a second behind the end of an answer of several MiB; an answer that is 32
    MiB ahead of its recording is read no faster than that goes on. Requests of more than 64 MiB, and what is no request
    for a path, are refused by the proxy and told, not forwarded.

    Once Ctrl-C was pressed, what is whole is written. Pressed again, it leaves the recording that is being written to
    its end, and names those that are lost.

    Exit status of a question: 0 recorded, 1 recorded, but the answer is none or not whole (an HTTP error, an error in
    the stream, a cut), 2 the command cannot be followed (no key, no such provider, FILE is there or is no regular
    file), 3 no answer could be had, or none that can be kept (the disk is full, its compression is damaged or unknown),
    and nothing was written. Of the proxy: 0 recorded, 2 the command cannot be followed (the port is taken, no such
    folder can be made), 3 something that was to be kept could not be written, 4 nothing was recorded.
    """
    named = {name for name in given if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE}
    listens = named & set(_LISTENING)
    if listens:
        ways = _option(ctx, next(name for name in _LISTENING if name in listens))
        _refuse(ctx, named, _ASKING, f"asks a question, and {ways} records an application; give one of them")
        _refuse(ctx, named, _OF_ASKING, "goes with --provider, and not with --listen")
        _require(ctx, named, _LISTENING)
    else:
        _refuse(ctx, named, _OF_LISTENING, "goes with --listen and --upstream")
        _require(ctx, named, _ASKING)
    try:
        return _listen(Path(output), given) if listens else _ask(Path(output), given)
    except InputError as error:
        click.echo(last_line(Status.UNREADABLE, " ".join(str(error).split()), said="cannot begin"), err=True)
        return Status.UNREADABLE


def _refuse(ctx: click.Context, named: set[str], names: tuple[str, ...], why: str) -> None:
    if found := [_option(ctx, name) for name in names if name in named]:
        raise click.UsageError(f"{found[0]} {why}", ctx)


def _require(ctx: click.Context, named: set[str], names: tuple[str, ...]) -> None:
    if missing := [_option(ctx, name) for name in names if name not in named]:
        ways = "give --provider, --model and --prompt, or --listen and --upstream"
        raise click.UsageError(f"{missing[0]} is missing; {ways}", ctx)


def _option(ctx: click.Context, name: str) -> str:
    return next(str(one.opts[-1]) for one in ctx.command.params if one.name == name)


def _listen(folder: Path, given: Mapping[str, Any]) -> Status:
    return listen_and_record(
        given["listen"], given["upstream"], folder, wire=given["wire"], keep_encoding=given["keep_encoding"]
    )


def _ask(file: Path, given: Mapping[str, Any]) -> Status:
    """Ask one question and write its cassette; what would make the answer useless is refused before it is asked."""
    timeout = given["timeout"] or 600.0
    if math.isnan(timeout):  # of which click's range knows nothing
        raise click.BadParameter("nan is no number of seconds", param_hint="--timeout")
    _check_place(file, force=given["force"])
    provider = given["provider"]
    if provider in OUT_OF_SCOPE:
        wire_named(provider)  # refuses it, and says what to do instead
    try:
        asking = question(
            f"{provider}/{given['model']}",
            _options(given),
            stream=not given["no_stream"],
            environment=os.environ,
            base_url=given["base_url"],
        )
    except NoSuchModel as error:
        variables = " or ".join(PROVIDERS[provider].key_variables) if provider in PROVIDERS else ""
        no_key = f"{PROVIDERS[provider].name} needs a key: set {variables}" if error.code == "API_KEY_MISSING" else ""
        raise InputError(no_key or str(error)) from None
    spoke = False

    def say(text: str) -> None:
        nonlocal spoke
        spoke = True
        click.echo(escaped(text, kept=f"\n\t{_JOINER}"), nl=False)

    take, why = None, ""
    try:
        take = asyncio.run(recorded(asking, file, say, within=timeout))
    except HarnessError as error:
        why = " ".join(str(error).split())
    finally:
        if spoke:
            click.echo()
    if take is None:
        click.echo(last_line(Status.FAILED, why, said="not recorded"), err=True)
        return Status.FAILED
    facts = f"{file}: status {take.status}, {take.pieces} pieces, {take.length} bytes, {take.seconds:.1f} s"
    if take.length > WHOLE:
        facts += f"; {OF_A_LONG_BODY}"
    if take.failure is None:
        click.echo(last_line(Status.CONFORMS, facts, said="recorded"), err=True)
        return Status.CONFORMS
    failure = f"{facts}; {shown(take.failure)}"
    click.echo(last_line(Status.VIOLATIONS, failure, said="recorded, but no whole answer"), err=True)
    return Status.VIOLATIONS


def _check_place(file: Path, *, force: bool) -> None:
    """Refuse a file that could not be written once the answer is there, and has cost money."""
    check_place(file)
    try:
        if file.exists() and not force:
            raise InputError(f"{file} is there already; --force writes over it")
        file.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror or error}") from None


def _options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the call options (:mod:`harness.protocol.language_model`)."""
    system = [{"role": "system", "content": given["system"]}] if given["system"] is not None else []
    said = {"role": "user", "content": [{"type": "text", "text": given["prompt"]}]}
    options: dict[str, Any] = {"prompt": [*system, said], "headers": _headers(given["headers"])}
    if given["tools"]:
        options["tools"] = [tool for name in given["tools"] for tool in _tools(name)]
    if given["schema"] is not None:
        schema = _json(given["schema"])
        options["responseFormat"] = {"type": "json", "schema": schema, "name": "response"}
    if given["max_tokens"] is not None:
        options["maxOutputTokens"] = given["max_tokens"]
    return options


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter("write NAME=VALUE", param_hint="--header")
        found[name] = value
    return found


def _tools(name: str) -> list[Any]:
    """Return the tools of a file in the AI SDK's words; OpenAI's and Anthropic's are understood too."""
    given = _json(name)
    return [_tool(one) for one in (given if isinstance(given, list) else [given])]


def _tool(given: Any) -> Any:
    tool = given.get("function", given) if isinstance(given, dict) else given
    if not isinstance(tool, dict):
        return tool  # which is refused as every call option is, by its place
    schema = next((tool[key] for key in _SCHEMAS if key in tool), None)
    words = {key: tool[key] for key in ("name", "description") if key in tool}
    return {"type": "function", **words, "inputSchema": schema}


def _json(name: str) -> Any:
    try:
        value, faults = decoded(whole(name).decode())
    except InputError as error:
        raise InputError(f"{title(name)}: {error}") from None
    except (NotJson, UnicodeDecodeError):
        raise InputError(f"{title(name)}: is not JSON") from None
    if faults:
        raise InputError(f"{title(name)}: {shown(faults[0])}")
    return value
