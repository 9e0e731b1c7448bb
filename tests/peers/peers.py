"""The adapters of others that are under test here: where each is, how it is asked, and what is known of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NODE = Path(sys.executable).with_name("node")

_ELSEWHERE = ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "OLLAMA_HOST")
"""Variables by which an SDK would ask somebody else than the played provider."""


@dataclass(frozen=True)
class Peer:
    """One implementation: ``label`` in the matrix, the command of its shim, and options of ``streamchunk run``.

    ``shim`` and ``expectations`` are paths in the project.
    """

    label: str
    shim: str
    arguments: tuple[str, ...]
    expectations: str
    options: tuple[str, ...] = ()

    @property
    def command(self):
        """What a person types to see the same."""
        shim = " ".join(("node", self.shim, *self.arguments))
        return " ".join(("streamchunk run", f'"stdio:{shim}"', *self.options, "--expectations", self.expectations))


def tanstack(name, *options):
    folder = "tests/peers/tanstack"
    label = f"ai-{name.replace('-', ' ')}"
    return Peer(label, f"{folder}/{name}.mjs", (), f"{folder}/{name}.expectations.toml", ("--strict", *options))


def mastra(version):
    folder = "tests/peers/mastra-adapter"
    known = f"{folder}/expectations-{version}.toml"
    return Peer(f"Mastra {version}", f"{folder}/serve.mjs", (version,), known, ("--timeout", "5"))


def literal(section):
    folder = "tests/peers/literal-port"
    return Peer(f"port of §{section}", f"{folder}/serve.mjs", (section,), f"{folder}/expectations-{section}.toml")


HANGS = ("--timeout", "4")
"""Of adapters that do not end when they are aborted: what hangs is waited for no longer, and all else ends before."""

TANSTACK = {
    "openai-0.2.1": tanstack("openai-0.2.1"),
    "openai-0.3.0": tanstack("openai-0.3.0"),
    "anthropic-0.2.0": tanstack("anthropic-0.2.0"),
    "gemini-0.3.2": tanstack("gemini-0.3.2", *HANGS),
    "ollama-0.3.0": tanstack("ollama-0.3.0", *HANGS),
}
OTHERS = {
    "mastra-1.0.4": mastra("1.0.4"),
    "mastra-1.71.0": mastra("1.71.0"),
    "section-12.2": literal("12.2"),
    "section-13.5": literal("13.5"),
}
ALL = {**TANSTACK, **OTHERS}


def ran(peer: Peer) -> tuple[int, dict[str, Any], str]:
    """Run the suite against a peer; return the exit status, the report and the last line."""
    target = " ".join(("stdio:" + str(NODE), peer.shim, *peer.arguments))
    command = [sys.executable, "-m", "harness", "run", target, *peer.options, "--expectations", peer.expectations]
    told = subprocess.run(
        [*command, "--format", "json"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in _ELSEWHERE},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if not told.stdout:
        raise AssertionError(f"{peer.label}: {told.stderr}")
    return told.returncode, json.loads(told.stdout), told.stderr.splitlines()[-1]
