"""``python -m harness`` is ``streamchunk``."""

from __future__ import annotations

from harness.cli import main

main()
