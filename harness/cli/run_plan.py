"""What a run is to do: the flags, what the configuration says where they are silent, and our own defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import runner
from harness.cli.configured import levels_in, profile_in
from harness.cli.provider import port_of
from harness.config import Config
from harness.drivers import REFERENCE
from harness.drivers.driver import DEFAULTS, Settings
from harness.drivers.introduction import DIALECTS
from harness.errors import InputError
from harness.judge import Levels
from harness.protocol.transcript import Profile
from harness.providers import WIRES, wire_named


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line says; None, or empty, where it is silent."""

    arguments: tuple[str, ...] = ()
    profile: Profile | None = None
    strict: bool | None = None
    timeout: float | None = None
    start_timeout: float | None = None
    expectations: Path | None = None
    places: tuple[Path, ...] = ()
    tapes: tuple[str, ...] = ()
    provider: str | None = None
    wires: tuple[str, ...] = ()
    fetch: bool = False
    verify: bool = False
    dump: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A run as it is to be; ``profile`` and ``dialect`` are None where the implementation may say them.

    ``hint`` tells where the target was named. ``places`` and ``tapes`` are the cases and cassettes that are asked
    instead of the bundled suite. ``provider`` is where a running application looks for its provider. ``fetch`` has the
    implementation's own ``fetch`` play what it can. ``is_listed`` tells that the configuration names the list of known
    failures, so that the next run has it too.
    """

    target: str
    hint: str
    patterns: Sequence[str]
    settings: Settings
    profile: Profile | None
    dialect: str | None
    strict: bool
    levels: Levels
    timeout: float
    expectations: Path | None
    places: tuple[Path, ...]
    tapes: tuple[str, ...]
    provider: str | None
    fetch: bool
    is_listed: bool


def planned(flags: Flags, said: Config) -> Plan:
    """Return what is to be done; raises :class:`InputError` for a name in the configuration that there is not.

    The list of known failures that the configuration names, and the dialect, are those of its target: where the command
    line names another one, it has none. ``--cases`` and ``--cassettes`` say together what is asked, so either takes the
    place of both.
    """
    target, patterns = _split(flags.arguments)
    is_own = target is None and said.target is not None
    same = target is None or said.target in {None, target}
    dialect, provider = _dialect_in(said), _provider_in(said)
    has_suite = bool(flags.places or flags.tapes)
    return Plan(
        target=target or said.target or REFERENCE,
        hint=f"target of {said.name}" if is_own else "TARGET",
        patterns=patterns,
        settings=Settings(
            folder=said.folder if is_own else None,
            start_timeout=flags.start_timeout or said.start_timeout or DEFAULTS.start_timeout,
            wires=frozenset(flags.wires) or _wires(said),
            verify=flags.verify,
            dump=flags.dump,
        ),
        profile=flags.profile or profile_in(said),
        dialect=dialect if same else None,
        strict=said.strict or False if flags.strict is None else flags.strict,
        levels=levels_in(said),
        timeout=flags.timeout or said.timeout or runner.TIMEOUT,
        expectations=flags.expectations or (said.expectations if same else None),
        places=flags.places if has_suite else said.cases,
        tapes=flags.tapes if has_suite else said.cassettes,
        provider=flags.provider or provider,
        fetch=flags.fetch,
        is_listed=same and said.expectations is not None and flags.expectations in {None, said.expectations},
    )


def _split(arguments: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """Tell the target, where there is one, from the patterns."""
    if arguments and (arguments[0] == REFERENCE or ":" in arguments[0]):
        return arguments[0], arguments[1:]
    return None, arguments


def _dialect_in(said: Config) -> str | None:
    if said.dialect is not None and said.dialect not in DIALECTS:
        raise said.fault("dialect", " or ".join(DIALECTS), said.dialect)
    return said.dialect


def _provider_in(said: Config) -> str | None:
    if said.provider is not None and port_of(said.provider) is None:
        raise said.fault("provider", "127.0.0.1:PORT, since it is played on this machine,", said.provider)
    return said.provider


def _wires(said: Config) -> frozenset[str] | None:
    if said.wires is None:
        return None
    try:
        return frozenset(wire_named(name).name for name in said.wires)
    except InputError:
        raise said.fault("wires", f"a list of wires, of {', '.join(WIRES)},", list(said.wires)) from None
