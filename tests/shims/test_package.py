"""The package as npm gets it: its files, its types, a user's ten lines, and the tests of its parts."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from speaking import BOUND, HERE, NODE_24, PACKAGE

PEERS = HERE.parent / "peers/node_modules"
TSC = [NODE_24, PEERS / "typescript/bin/tsc"]
SOURCES = ("src", "types", "package.json", "README.md", "LICENSE")
STRICT = {
    "strict": True,
    "allowJs": True,
    "checkJs": True,
    "noEmit": True,
    "target": "es2023",
    "module": "nodenext",
    "lib": ["es2023"],
    "types": ["node"],
    "noUnusedLocals": True,
    "noImplicitReturns": True,
}

USER = """
import { createOpenaiChat } from 'ai-openai-0.3.0'
import { serve } from 'streamchunk-shim'

serve({
  name: '@tanstack/ai-openai', version: '0.3.0', profile: 'tanstack', wires: ['openai-responses'],
  createAdapter: ({ model, apiKey, baseUrl, fetch }) =>
    createOpenaiChat(model as 'gpt-4o-mini', apiKey, { baseURL: baseUrl, fetch }),
})
"""

TRANSFORMER = """
import { installFetch, serve, type Context, type PartStream } from 'streamchunk-shim'

const undo: () => void = installFetch()
undo()
serve({
  name: 'mine', approvals: true,
  async *transform(parts: PartStream, request, { signal, approve }: Context) {
    for await (const part of parts) {
      if (signal.aborted) return
      const isApproved: boolean = await approve('approval_1')
      yield { type: 'content', delta: part.delta, model: request.model, isApproved }
    }
  },
  parseJson: (text: string) => ({ data: JSON.parse(text) as unknown, rawText: text }),
})
"""

MATCHERS = """
import { expect } from '%s'
import 'streamchunk-shim/%s'

async function* stream() { yield { type: 'done' } }

expect([{ type: 'done' }]).toConform()
expect([]).not.toConform({ source: [], profile: 'tanstack', strict: true, scope: 'chat' })
export const told: Promise<void> = expect(stream()).toConform({ source: 'text', wire: 'openai-chat', command: ['x'] })
"""

MISTAKES = """
import { serve } from 'streamchunk-shim'
import { toConform } from 'streamchunk-shim/matcher'

// @ts-expect-error there is no such option
serve({ name: 'x', acceptModel: true })
// @ts-expect-error a name is wanted
serve({ acceptsModel: true })
// @ts-expect-error there is no such profile
toConform([], { profile: 'own' })
// @ts-expect-error the verdict on a stream is to be awaited
toConform({} as AsyncIterable<unknown>).pass
"""

SAME = """
import * as shim from 'streamchunk-shim'
import * as written from '../node_modules/streamchunk-shim/src/index.js'

export const declared: typeof shim = written
"""

USERS = {
    "user.ts": USER,
    "transformer.ts": TRANSFORMER,
    "vitest.ts": MATCHERS % ("vitest", "vitest"),
    "jest.ts": MATCHERS % ("@jest/globals", "jest"),
    "jest.cts": MATCHERS % ("@jest/globals", "jest"),
    "mistakes.ts": MISTAKES,
    "same.ts": SAME,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which the package is installed beside what its users have."""
    folder = tmp_path_factory.mktemp("project")
    modules = folder / "node_modules"
    for name in SOURCES:
        target = modules / "streamchunk-shim" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (PACKAGE / name).is_dir() else shutil.copy)(PACKAGE / name, target)
    for name in ("vitest", "jest", "@jest", "expect", "@types", "ai-openai-0.3.0", "@tanstack"):
        (modules / name).symlink_to(PEERS / name)
    (folder / "package.json").write_text('{"name": "project", "private": true, "type": "module"}')
    return folder


def told_by_tsc(project, include, exclude=(), **more):
    config = {"compilerOptions": STRICT | more, "include": include, "exclude": list(exclude)}
    (project / "tsconfig.json").write_text(json.dumps(config))
    ran = subprocess.run([*TSC, "-p", project], capture_output=True, text=True, check=False, timeout=120)
    return ran.stdout


def test_every_line_of_the_package_is_checked_strictly(project):
    package = "node_modules/streamchunk-shim"
    of_runners = [f"{package}/*/{name}.*" for name in ("vitest", "jest")]  # with all their own types: see below
    assert told_by_tsc(project, [f"{package}/src", f"{package}/types"], of_runners) == ""


def test_ten_lines_of_a_user_are_checked_strictly(project):
    (project / "users").mkdir()
    for name, text in USERS.items():
        (project / "users" / name).write_text(text)
    assert told_by_tsc(project, ["users", "node_modules/streamchunk-shim/src"], skipLibCheck=True) == ""


def test_npm_packs_exactly_what_is_meant_to_be_published():
    npm = Path(NODE_24).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    ran = subprocess.run(
        [NODE_24, npm, "pack", "--dry-run", "--json", "--offline"],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    [packed] = json.loads(ran.stdout)
    names = {file["path"] for file in packed["files"]}
    folders = {"LICENSE", "README.md", "package.json"}
    for folder in ("src", "types"):
        folders |= {str(path.relative_to(PACKAGE)) for path in (PACKAGE / folder).iterdir()}
    assert names == folders
    assert {path.suffix for path in (PACKAGE / "src").iterdir()} == {".js", ".cjs"}
    assert not (PACKAGE / "node_modules").exists()


def test_the_manifest_says_what_a_registry_needs():
    manifest = json.loads((PACKAGE / "package.json").read_text())
    assert manifest["license"] == "MIT"
    assert manifest["engines"] == {"node": ">=20"}
    assert "dependencies" not in manifest
    for entry in manifest["exports"].values():
        for file in [entry] if isinstance(entry, str) else entry.values():
            assert (PACKAGE / file).is_file(), file


def test_the_parts_hold_by_themselves(node):
    files = sorted((HERE / "unit").glob("*.test.mjs"))
    ran = subprocess.run(
        [node, "--expose-gc", "--test", "--test-timeout=20000", "--test-force-exit", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * BOUND,
    )
    assert ran.returncode == 0, ran.stdout
