"""Where this installation came from, and so how a workflow installs the same: pip keeps it (PEP 610)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import metadata
from typing import Any

NAME = "streamchunk-harness"
PLACEHOLDER = f"git+https://HOST/OWNER/{NAME}@COMMIT"


@dataclass(frozen=True, slots=True)
class Source:
    """What ``pip install`` is given; None where only its user knows. ``told`` says where this one came from."""

    requirement: str | None
    told: str


def source() -> Source:
    """Return the source of this installation: a commit, an archive, a version of an index, or only a folder here."""
    found = metadata.distribution(NAME)
    text = found.read_text("direct_url.json")
    if text is None:
        wanted = f"{NAME}=={found.version}"
        return Source(wanted, f"it installs {wanted}, as it is here")
    try:
        return _direct(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):  # no installer writes it so
        return Source(None, "nothing here tells where this streamchunk came from")


def _direct(said: dict[str, Any]) -> Source:
    url = re.sub(r"//[^/@]*:[^/@]*@", "//", str(said["url"]))  # an installer leaves passwords out, if it keeps to it
    within = f"#subdirectory={said['subdirectory']}" if said.get("subdirectory") else ""
    if "vcs_info" in said and not url.startswith("file:"):
        commit = said["vcs_info"]["commit_id"]
        wanted = f"{NAME} @ {said['vcs_info']['vcs']}+{url}@{commit}{within}"
        return Source(wanted, f"it installs the commit {commit[:12]} of {url}, as it is here")
    if "archive_info" in said and not url.startswith("file:"):
        return Source(f"{NAME} @ {url}{within}", f"it installs {url}, as it is here")
    return Source(None, "this streamchunk was installed from a folder or a file of this machine")
