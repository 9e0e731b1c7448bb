"""`toConform` under the real vitest and the real jest, and by itself where it gives no verdict."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from speaking import BOUND, HERE, NODE_24, PACKAGE

PEERS = HERE.parent / "peers/node_modules"
STREAMCHUNK = f"{sys.executable} -m harness"

STREAMS = """
const base = { id: 'msg_1', model: 'm', timestamp: 1750000000000 }
const text = (delta, content) => ({ type: 'content', ...base, role: 'assistant', delta, content })
const usage = { promptTokens: 1, completionTokens: 2, totalTokens: 3 }
const done = { type: 'done', ...base, finishReason: 'stop', usage }

const good = [text('Hel', 'Hel'), text('lo', 'Hello'), done]
const cut = good.slice(0, 2)
const parts = [
  { type: 'response-metadata', id: 'msg_1', modelId: 'm', timestamp: new Date(1750000000000) },
  { type: 'text-start', id: '0' },
  { type: 'text-delta', id: '0', delta: 'Hello' },
  { type: 'text-end', id: '0' },
  { type: 'finish', finishReason: 'stop', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } },
]
const body = [
  { id: 'msg_1', object: 'chat.completion.chunk', created: 1, model: 'm',
    choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }] },
  { id: 'msg_1', object: 'chat.completion.chunk', created: 1, model: 'm',
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
].map((data) => `data: ${JSON.stringify(data)}\\n\\n`).join('') + 'data: [DONE]\\n\\n'
const long = [text('x'.repeat(3000), 'x'.repeat(3000)), text('y', 'x'.repeat(3000) + 'y'), done]
async function* streamed(chunks) { yield* chunks }
"""

BOTH = """
test('a stream', async () => { await expect(streamed(good)).toConform({ source: parts }) })
test('not', () => expect(cut).not.toConform())
test('FAILS: nothing ends it', () => expect(cut).toConform())
test('FAILS: conforms', () => expect(good).not.toConform())
test('FAILS: a stream', async () => { await expect(streamed(cut)).toConform() })
test('FAILS: no harness', () => expect(good).toConform({ command: 'no-such-streamchunk' }))
test('FAILS: no harness, turned round', () => expect(cut).not.toConform({ command: 'no-such-streamchunk' }))
"""

MORE = """
test('a body is the source', () => expect(good).toConform({ source: body, wire: 'openai-chat' }))
test('bytes are the source', () => expect(good).toConform({ source: new TextEncoder().encode(body) }))
test('any iterable', () => expect(new Set(good)).toConform({ profile: 'tanstack', scope: 'chat' }))
test('a source of one failure', () => {
  const chunks = [{ type: 'error', ...base, error: { message: 'boo', code: 'x' } }]
  expect(chunks).toConform({ source: [{ type: 'error', error: new Error('boo') }] })
})
test('not empty', () => expect([]).not.toConform())
test('not a number', () => expect([{ ...good[0], n: NaN }, ...good.slice(1)]).not.toConform())
test('a long text', () => expect(long).toConform())
test('FAILS: another text', () => {
  expect(good).toConform({ source: parts.toSpliced(2, 1, { ...parts[2], delta: 'Bye' }) })
})
test('FAILS: no source', () => expect(cut).not.toConform({ source: 'nothing that anybody knows' }))
test('FAILS: no chunks', () => expect(7).not.toConform())
test('FAILS: null for chunks', () => expect(null).toConform())
test('FAILS: a promise', () => expect(Promise.resolve(good)).toConform())
test('what a promise gives', async () => { await expect(Promise.resolve(good)).resolves.toConform() })
test('FAILS: null for options', () => expect(good).toConform(null))
test('FAILS: a text for options', () => expect(good).not.toConform('tanstack'))
"""

TOLD = {
    "FAILS: nothing ends it": ("END-1", "the whole stream", "expected  done or error as the last chunk", "why  "),
    "FAILS: another text": ("TEXT-4", "chunk ", "expected  ", "seen  ", "Bye"),
    "FAILS: conforms": ("expected the chunks to break the protocol", "rules exercised"),
    "FAILS: a stream": ("END-1",),
    "FAILS: no harness": ("no-such-streamchunk", "pip install streamchunk-harness", "STREAMCHUNK"),
    "FAILS: no harness, turned round": ("no-such-streamchunk", "pip install"),
    "FAILS: no source": ("exit 2", "no provider's wire was recognised"),
    "FAILS: no chunks": ("an array, an iterable or an async iterable; this is number",),
    "FAILS: null for chunks": ("an async iterable; this is null",),
    "FAILS: a promise": ("this is a promise: await it, or write expect(promise).resolves.toConform()",),
    "FAILS: null for options": ("toConform wants its options as an object, such as { source, profile }, or none",),
    "FAILS: a text for options": ("toConform wants its options as an object",),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which the package is installed beside both runners."""
    folder = tmp_path_factory.mktemp("project")
    modules = folder / "node_modules"
    shutil.copytree(PACKAGE, modules / "streamchunk-shim")
    for name in ("vitest", "jest", "@jest"):
        (modules / name).symlink_to(PEERS / name)
    (folder / "package.json").write_text('{"name": "project", "private": true}')
    return folder


def results(project, *command):
    """What a runner's JSON report says of each test: its status and its failure messages."""
    report = project / "report.json"
    environment = os.environ | {"STREAMCHUNK": STREAMCHUNK, "NO_COLOR": "1", "CI": "1"}
    ran = subprocess.run(
        [NODE_24, *command, "--outputFile", report],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert report.exists(), ran.stdout + ran.stderr
    [file] = json.loads(report.read_text())["testResults"]
    assert file["assertionResults"], file
    return {one["title"]: (one["status"], "\n".join(one["failureMessages"])) for one in file["assertionResults"]}


def holds(found, tests):
    assert len(found) == tests.count("\ntest(")
    for title, (status, told) in found.items():
        assert status == ("failed" if title in TOLD else "passed"), f"{title}: {told}"
        for words in TOLD.get(title, ()):
            assert words in told, title


def test_vitest_shows_each_violation_and_never_passes_without_a_verdict(project):
    head = "import { expect, test } from 'vitest'\nimport 'streamchunk-shim/vitest'\n"
    (project / "conforms.test.mjs").write_text(head + STREAMS + BOTH + MORE)
    vitest = [PEERS / "vitest/vitest.mjs", "run", "conforms.test.mjs", "--reporter", "json", "--testTimeout", "60000"]
    holds(results(project, *vitest), BOTH + MORE)


def test_jest_shows_each_violation_and_never_passes_without_a_verdict(project):
    config = {"setupFilesAfterEnv": ["streamchunk-shim/jest"], "testMatch": ["**/conforms.spec.js"], "transform": {}}
    (project / "conforms.spec.js").write_text(STREAMS + BOTH)
    jest = [
        PEERS / "jest/bin/jest.js",
        "--json",
        "--config",
        json.dumps(config),
        "--runInBand",
        "--testTimeout",
        "60000",
    ]
    holds(results(project, *jest), BOTH)


SAYING = """
const {{ toConform }} = require({package})
const script = 'process.stdout.write(process.argv[1]); process.exit(Number(process.argv[2]))'
try {{
  const verdict = toConform([], {{ command: [process.execPath, '-e', script, {said}, {status}] }})
  console.log(verdict.pass)
}} catch (error) {{
  console.log(error.message)
}}
"""


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ("no JSON", 0, "no JSON"),
        ("", 0, "it said nothing"),
        ("{}", 0, "no verdict"),
        ('{"files": [], "summary": {"exit": 0}}', 0, "no verdict"),
        ('{"files": [{"violations": []}], "summary": {"exit": 1}}', 0, "no verdict"),
        ('{"files": [{"violations": []}], "summary": {"exit": 2}}', 2, "exit 2"),
        ('{"files": [{"violations": []}], "summary": {"exit": 3}}', 3, "exit 3"),
        ('{"files": [{"violations": []}], "summary": {"exit": 4}}', 4, "exit 4"),
        ('{"files": [{"violations": [], "exercised": []}], "summary": {"exit": 0}}', 0, "true"),
    ],
)
def test_only_a_verdict_is_a_verdict(node, said, status, words):
    package = json.dumps(str(PACKAGE / "src/matcher.cjs"))
    code = SAYING.format(package=package, said=json.dumps(said), status=json.dumps(str(status)))
    ran = subprocess.run([node, "-e", code], capture_output=True, text=True, check=True, timeout=BOUND)
    assert words in ran.stdout
    assert ("true" in ran.stdout) == (words == "true")


def test_an_option_that_is_none_is_refused(node):
    package = json.dumps(str(PACKAGE / "src/matcher.cjs"))
    code = (
        f"try {{ require({package}).toConform([], {{ stict: true }}) }} catch (error) {{ console.log(error.message) }}"
    )
    ran = subprocess.run([node, "-e", code], capture_output=True, text=True, check=True, timeout=BOUND)
    assert "no option stict" in ran.stdout
