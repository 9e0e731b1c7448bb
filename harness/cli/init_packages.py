"""What a folder's ``package.json`` says: on which packages it depends, and in which version they are there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from harness.cli.files import whole
from harness.cli.init_place import root_of
from harness.errors import InputError

Version: TypeAlias = tuple[int, int, int]

PACKAGE = "package.json"
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_ALIAS = re.compile(r"npm:(?P<package>@?[^@]+)(?:@(?P<range>.*))?")
_VERSION = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?")


class Tool(NamedTuple):
    """What installs a project's packages: as its lock file says, for a person, and what starts the project."""

    locked: str
    installs: str
    starts: str


_NPM = Tool("npm ci", "npm install", "npm start")
_PNPM = Tool("corepack enable && pnpm install --frozen-lockfile", "pnpm install", "pnpm start")
_YARN = Tool("corepack enable && yarn install --frozen-lockfile", "yarn install", "yarn start")
_BUN = Tool("bun install --frozen-lockfile", "bun install", "bun run start")
_UNLOCKED = _NPM._replace(locked="npm install")
_BY_LOCK_FILE = {
    "package-lock.json": _NPM,
    "npm-shrinkwrap.json": _NPM,
    "pnpm-lock.yaml": _PNPM,
    "yarn.lock": _YARN,
    "bun.lock": _BUN,
    "bun.lockb": _BUN,
}


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that a project depends on; ``name`` is what the project imports, an alias's own name for an alias.

    ``version`` is the installed one, else the locked one, else the lowest that is asked for; None where nobody says.
    """

    name: str
    package: str
    version: Version | None
    is_installed: bool


@dataclass(frozen=True, slots=True)
class Project:
    """What a ``package.json`` says; ``name`` is None where it says none."""

    name: str | None
    dependencies: tuple[Dependency, ...]

    def version_of(self, package: str) -> Version | None:
        """Return the version of a package it depends on, None where it does not, or where nobody says."""
        return next((one.version for one in self.dependencies if one.package == package), None)


def project(folder: Path) -> Project | None:
    """Return what the folder's ``package.json`` says, None where it has none.

    Raises :class:`InputError` for one that is not a JSON object. What in it is not as npm writes it is passed over.
    """
    path = folder / PACKAGE
    if not path.is_file():
        return None
    said = _object(path)
    name, locked = said.get("name"), _locked(folder)
    return Project(
        name if isinstance(name, str) and name.strip() else None,
        tuple(_dependency(folder, name, wanted, locked) for name, wanted in _wanted(said)),
    )


def tool_of(folder: Path) -> Tool:
    """Return what installs the packages of a project: its lock file tells, which a workspace has at its root."""
    root = root_of(folder)
    for place in (folder, *folder.parents):
        if found := next((tool for lock, tool in _BY_LOCK_FILE.items() if (place / lock).is_file()), None):
            return found
        if place == root:
            break
    return _UNLOCKED


def version_text(version: Version) -> str:
    """Return a version as npm writes it."""
    return ".".join(map(str, version))


def _wanted(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every package that is depended on with the range that is asked for, each once."""
    found: dict[str, str] = {}
    for key in _DEPENDENCIES:
        group = said.get(key)
        for name, wanted in group.items() if isinstance(group, dict) else ():
            if isinstance(wanted, str):
                found.setdefault(name, wanted)
    yield from found.items()


def _dependency(folder: Path, name: str, wanted: str, locked: Mapping[str, Any]) -> Dependency:
    alias = _ALIAS.fullmatch(wanted)
    package, asked = (alias["package"], alias["range"] or "") if alias else (name, wanted)
    installed = _installed(folder, name)
    entry = locked.get(f"node_modules/{name}")
    lock = entry.get("version") if isinstance(entry, dict) else None
    return Dependency(name, package, _version(installed) or _version(lock) or _version(asked), installed is not None)


def _installed(folder: Path, name: str) -> Any:
    """Return the version that Node would find from the folder: its own, or that of a workspace above it."""
    for place in (folder, *folder.resolve().parents):
        path = place / "node_modules" / name / PACKAGE
        if path.is_file() and (place / PACKAGE).is_file():
            return _object(path).get("version", "")
    return None


def _locked(folder: Path) -> Mapping[str, Any]:
    path = next((folder / name for name in _LOCKS if (folder / name).is_file()), None)
    packages = None if path is None else _object(path).get("packages")
    return packages if isinstance(packages, dict) else {}


def _version(text: Any) -> Version | None:
    """Return the first version in a text, such as the lowest of a range; None where there is none."""
    found = _VERSION.search(text) if isinstance(text, str) else None
    return None if found is None else (int(found[1]), int(found[2] or 0), int(found[3] or 0))


def _object(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(whole(str(path)))
    except (ValueError, RecursionError) as error:  # ValueError: neither JSON nor UTF-8
        raise InputError(f"{path}: is not JSON: {error}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    if not isinstance(said, dict):
        raise InputError(f"{path}: is no JSON object")
    return said
