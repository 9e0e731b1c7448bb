"""The files that ``streamchunk init`` writes for each flavour: a stub, ``streamchunk.toml`` and a CI workflow."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.cli.init_adapters import CORE, REDIRECTS, USUAL_REDIRECT, Found, dialect_of, known_in
from harness.cli.init_packages import Project, project, tool_of, version_text
from harness.cli.init_place import place_of
from harness.cli.init_shim import RENEW, entry, rendered, shim, version
from harness.cli.init_source import PLACEHOLDER, source
from harness.config import FILE

RUN = "streamchunk run"
STUB = "streamchunk/adapter.mjs"
EXAMPLE = "streamchunk/example.mjs"
TARGET = "streamchunk_target"

_PORT = 3000
_PROVIDER = "127.0.0.1:8788"


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be written, by its path from the folder; ``following`` is the next command, ``notes`` are told.

    ``about_workflow`` is what is told of the workflow.
    """

    files: Mapping[str, str]
    following: str
    notes: tuple[str, ...] = ()
    about_workflow: tuple[str, ...] = ()


def typescript(folder: Path) -> Planned:
    """Plan a stub in JavaScript beside a copy of the shim; it is for the known adapter that the project depends on.

    Where there is none, or one that is a language model and no adapter, a small example stands where the user's goes.
    Raises :class:`harness.errors.InputError` for a ``package.json`` that cannot be read.
    """
    node = project(folder)
    found = list(known_in(node))
    first = found[0] if found else None
    is_example = first is None or first.way.is_model
    name = (node.name if node else None) or _name_of(folder)
    stub = rendered(
        "adapter.mjs.j2",
        version=version(),
        purpose=f" for {_named(first)}" if first else "",
        renew=RENEW,
        way=first.way if first else None,
        module=_quoted(first.way.module or first.dependency.name) if first else None,
        example=is_example,
        entry=f"shim/{entry()}",
        name=_quoted(name if first is None or is_example else first.dependency.package),
        also="".join(f" {member}," for member in _members(first, None if is_example else dialect_of(node))),
    )
    target = [
        "# This program is started and spoken to. Is your adapter TypeScript? Node 22.18 and later read that; else say",
        f'# "stdio:npx tsx {STUB}".',
        f'target = "stdio:node {STUB}"',
        "timeout = 10 # seconds for one answer: a provider that is played answers at once, so who takes longer hangs",
    ]
    files = {
        STUB: stub,
        **({EXAMPLE: rendered("example.mjs")} if is_example else {}),
        **shim(),
        FILE: _toml(target, "streamchunk/expectations.toml"),
        **_workflow(folder, node=True),
    }
    is_missing = first is not None and not first.dependency.is_installed
    following = f"{tool_of(folder).installs} && {RUN}" if is_missing else RUN
    return Planned(files, following, tuple(_notes(node, found)), tuple(_about_workflow(folder)))


def python(folder: Path) -> Planned:
    """Plan a class with ``transform``, an example that stands where the user's adapter goes."""
    target = [f'target = "python:{TARGET}:Target"']
    files = {
        f"{TARGET}.py": rendered("target.py.j2", version=version(), name=repr(_name_of(folder))),
        FILE: _toml(target, "streamchunk-expectations.toml"),
        **_workflow(folder, node=False),
    }
    return Planned(files, RUN, about_workflow=tuple(_about_workflow(folder)))


def http(folder: Path) -> Planned:
    """Plan what a running application needs: where it is, where it looks for its provider, and how it is started there.

    Raises :class:`harness.errors.InputError` for a ``package.json`` that cannot be read.
    """
    node = project(folder)
    packages = [found.dependency.package for found in known_in(node)]
    redirect = next((REDIRECTS[package] for package in packages if package in REDIRECTS), USUAL_REDIRECT)
    provider = f"http://{_PROVIDER}{redirect.path}"
    start = tool_of(folder).starts if node else "python app.py"
    target = [
        "# The application that is asked, with TanStack AI's chat requests. While it is judged, its provider is played",
        "# at the address below, and it has to look for it there. Start it so:",
        f"#     {redirect.variable}={provider} {start}",
        f'target = "http://127.0.0.1:{_PORT}/api/chat"',
        f'provider = "{_PROVIDER}"',
        f'wires = ["{redirect.wire}"] # what it speaks to its provider',
        'profile = "tanstack"',
    ]
    application = {"start": start, "port": _PORT, "variable": redirect.variable, "provider": provider}
    files = {
        FILE: _toml(target, "streamchunk-expectations.toml"),
        **_workflow(folder, node=node is not None, application=application),
    }
    told = f"{FILE} and {place_of(folder).file} start it by `{start}` and ask port {_PORT}: change what is not so"
    return Planned(files, f"{redirect.variable}={provider} {start} & {RUN}", (told,), tuple(_about_workflow(folder)))


FLAVOURS: Mapping[str, Callable[[Path], Planned]] = {"typescript": typescript, "python": python, "http": http}


def _members(found: Found | None, dialect: str | None) -> Iterator[str]:
    """Yield what the stub says to ``serve`` beside name, profile and ``createAdapter``."""
    if dialect:
        yield f"dialect: '{dialect}'"
    if found is None or found.way.is_model:
        yield "acceptsModel: true"
    if found:
        yield f"wires: ['{found.way.wire}']"
    if found and found.way.plays_fetch:
        yield "fetchShim: true"
    if found and found.way.is_model:
        yield "structuredOutput: false"


def _notes(node: Project | None, found: Sequence[Found]) -> Iterator[str]:
    """Yield what the user should know of the stub."""
    if not found:
        yield f"no adapter that is known here was found: {STUB} serves {EXAMPLE} until you name yours"
        return
    if found[0].way.is_model:
        yield f"{_named(found[0])} gives a language model: {STUB} wraps it in {EXAMPLE} until you name your adapter"
    elif dialect_of(node):
        yield f"with this {CORE} adapters yield AG-UI events, for which there is no law yet: no case will apply"
    if others := ", ".join(_named(one) for one in found[1:]):
        yield f"{STUB} is for {_named(found[0])}; a copy of it may be for {others}"


def _named(found: Found) -> str:
    known = found.dependency.version
    return found.dependency.package + (f" {version_text(known)}" if known else "")


def _name_of(folder: Path) -> str:
    return folder.resolve().name or "my-adapter"  # the root has no name


def _quoted(text: str) -> str:
    """Return a text as a string literal of JavaScript."""
    return f"'{text}'" if text.isprintable() and not {"\\", "'"} & {*text} else json.dumps(text)


def _toml(target: Sequence[str], expectations: str) -> str:
    return rendered("streamchunk.toml.j2", target=target, expectations=expectations)


def _workflow(folder: Path, *, node: bool, application: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the workflow by its path from the folder."""
    place, commands = place_of(folder), _installing(folder)
    text = rendered(
        "workflow.yml.j2",
        version=version(),
        place=place,
        requirement=source().requirement,
        placeholder=PLACEHOLDER,
        installing=commands,
        node=node,
        bun=any(command.startswith("bun ") for command in commands),
        application=application or {},
        for_shell=shlex.quote,
        quoted=partial(json.dumps, ensure_ascii=False),
    )
    return {place.file: text}


def _about_workflow(folder: Path) -> Iterator[str]:
    """Yield what the user should know of the workflow."""
    place, found = place_of(folder), source()
    if place.folder is not None:
        yield f"{place.file} is for {place.folder}: GitHub reads those at the root of the repository alone"
    if found.requirement is None:
        yield f"{found.told}: put where CI gets it in place of {PLACEHOLDER}, or the workflow fails"
    else:
        yield found.told


def _installing(folder: Path) -> list[str]:
    """Return the commands that install a project and what it depends on."""
    commands = [tool_of(folder).locked] if (folder / "package.json").is_file() else []
    if (folder / "requirements.txt").is_file():
        commands.append("python -m pip install -r requirements.txt")
    if any((folder / name).is_file() for name in ("pyproject.toml", "setup.py")):
        commands.append("python -m pip install --editable .")
    return commands
