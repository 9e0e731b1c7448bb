"""The stub of `streamchunk init --typescript` is written for the adapter, and the version, that a project has."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

NODE = Path(sys.executable).with_name("node")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "my-app"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def depends(folder, dependencies, key="dependencies"):
    (folder / "package.json").write_text(json.dumps({"name": "my-app", key: dependencies}))


def installed(folder, name, version):
    place = folder / "node_modules" / name
    place.mkdir(parents=True)
    (place / "package.json").write_text(json.dumps({"name": name, "version": version}))


def code(folder):
    """The lines of the stub that are no comment and not empty."""
    lines = (folder / "streamchunk/adapter.mjs").read_text().splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("//")]


MADE = {  # package, version: what makes the adapter there, and what the stub says of it
    ("@tanstack/ai-openai", "0.2.1"): ["{ baseURL: baseUrl })", "wires: ['openai-responses']"],
    ("@tanstack/ai-openai", "0.3.0"): ["{ baseURL: baseUrl, fetch,", "wires: ['openai-responses'], fetchShim: true"],
    ("@tanstack/ai-anthropic", "0.2.0"): ["process.env.ANTHROPIC_BASE_URL = baseUrl", "wires: ['anthropic-messages']"],
    ("@tanstack/ai-anthropic", "0.5.0"): ["{ baseURL: baseUrl, fetch,", "wires: ['anthropic-messages'], fetchShim"],
    ("@tanstack/ai-gemini", "0.3.2"): ["process.env.GOOGLE_GEMINI_BASE_URL =", "wires: ['google-generatecontent']"],
    ("@tanstack/ai-gemini", "0.5.0"): ["{ httpOptions: { baseUrl } }", "wires: ['google-generatecontent']"],
    ("@tanstack/ai-ollama", "0.3.0"): ["createOllamaChat(model, baseUrl)", "wires: ['ollama-chat']"],
    ("@tanstack/ai-openrouter", "0.5.0"): ["serverURL: baseUrl, retryConfig", "wires: ['openai-chat']"],
    ("@tanstack/ai-grok", "0.5.0"): ["{ baseURL: baseUrl, fetch,", "wires: ['openai-chat'], fetchShim: true"],
    ("@tanstack/ai-grok", "0.18.3"): ["{ baseURL: baseUrl, fetch,", "wires: ['openai-responses'], fetchShim: true"],
    ("@mastra/core", "1.0.4"): ["new ModelRouterLanguageModel({ id: modelId, url: baseUrl, apiKey })", "acceptsModel"],
}


@pytest.mark.parametrize(("package", "version"), MADE)
def test_a_known_adapter_is_made_as_its_version_wants_it(folder, streamchunk, package, version):
    depends(folder, {"left-pad": "1.0.0", package: version})
    ran = streamchunk("init")
    assert ran.status == 0
    stub = "\n".join(code(folder))
    for part in MADE[package, version]:
        assert part in stub
    assert f"for {package} {version}." in (folder / "streamchunk/adapter.mjs").read_text()
    assert (f"  name: '{package}'," in stub) is (package != "@mastra/core")
    assert ran.lines[-2] == "next: npm install && streamchunk run"
    checked = subprocess.run([NODE, "--check", "streamchunk/adapter.mjs"], cwd=folder, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("package", [None, *dict.fromkeys(package for package, _ in MADE)])
@pytest.mark.parametrize("version", ["0.0.1", "99.0.0", "latest"])
def test_the_code_of_a_stub_has_at_most_ten_lines(folder, streamchunk, package, version):
    depends(folder, {package: version, "@tanstack/ai": version} if package else {})
    assert streamchunk("init", "--typescript").status == 0
    assert len(code(folder)) <= 10


@pytest.mark.parametrize("key", ["devDependencies", "peerDependencies", "optionalDependencies"])
def test_every_kind_of_dependency_counts(folder, streamchunk, key):
    depends(folder, {"@tanstack/ai-ollama": "^0.3.0"}, key)
    streamchunk("init")
    assert "  name: '@tanstack/ai-ollama'," in code(folder)


def test_the_installed_version_beats_the_locked_one_and_that_the_one_asked_for(folder, streamchunk):
    depends(folder, {"@tanstack/ai-anthropic": ">=0.1.0"})
    streamchunk("init")
    assert "for @tanstack/ai-anthropic 0.1.0." in (folder / "streamchunk/adapter.mjs").read_text()
    lock = {"packages": {"node_modules/@tanstack/ai-anthropic": {"version": "0.4.2"}}}
    (folder / "package-lock.json").write_text(json.dumps(lock))
    streamchunk("init", "--force")
    assert "for @tanstack/ai-anthropic 0.4.2." in (folder / "streamchunk/adapter.mjs").read_text()
    installed(folder, "@tanstack/ai-anthropic", "0.2.0")
    ran = streamchunk("init", "--force")
    assert "for @tanstack/ai-anthropic 0.2.0." in (folder / "streamchunk/adapter.mjs").read_text()
    assert ran.lines[-2] == "next: streamchunk run"


def test_a_package_that_a_workspace_has_installed_above_is_found(folder, streamchunk):
    depends(folder, {"@tanstack/ai-openai": "*"})
    (folder.parent / "package.json").write_text("{}")
    installed(folder.parent, "@tanstack/ai-openai", "0.2.1")
    ran = streamchunk("init")
    assert "for @tanstack/ai-openai 0.2.1." in (folder / "streamchunk/adapter.mjs").read_text()
    assert ran.lines[-2] == "next: streamchunk run"


def test_an_alias_is_imported_by_its_own_name(folder, streamchunk):
    depends(folder, {"old-openai": "npm:@tanstack/ai-openai@^0.2.1"})
    streamchunk("init")
    assert code(folder)[0] == "import { createOpenaiChat } from 'old-openai'"
    assert "  name: '@tanstack/ai-openai'," in code(folder)


def test_of_several_adapters_the_others_are_named(folder, streamchunk):
    depends(folder, {"@mastra/core": "1.71.0", "@tanstack/ai-gemini": "0.3.2", "@tanstack/ai-openai": "0.3.0"})
    ran = streamchunk("init")
    assert "createOpenaiChat" in code(folder)[0]
    [note] = [line for line in ran.lines if line.startswith("note: ")]
    assert "@tanstack/ai-gemini 0.3.2" in note
    assert "@mastra/core 1.71.0" in note


@pytest.mark.parametrize(("core", "dialect"), [("0.2.2", None), ("0.3.0", "ag-ui"), ("^0.58.0", "ag-ui")])
def test_an_adapter_of_a_newer_core_says_that_it_speaks_another_dialect(folder, streamchunk, core, dialect):
    depends(folder, {"@tanstack/ai": core, "@tanstack/ai-openai": "0.23.1"})
    ran = streamchunk("init")
    assert ("dialect: 'ag-ui'" in "\n".join(code(folder))) is (dialect is not None)
    assert ("there is no law yet" in ran.out) is (dialect is not None)


def test_without_a_known_adapter_one_line_is_to_be_replaced(folder, streamchunk):
    depends(folder, {"left-pad": "1.0.0"})
    ran = streamchunk("init")
    stub = (folder / "streamchunk/adapter.mjs").read_text()
    assert stub.count("<- your adapter goes here") == 1
    assert (folder / "streamchunk/example.mjs").is_file()
    assert "no adapter that is known here was found" in ran.out


def test_every_file_that_is_brought_along_is_sound(folder, streamchunk):
    streamchunk("init", "--typescript")
    for path in sorted(folder.rglob("*.*js")):
        checked = subprocess.run([NODE, "--check", path], capture_output=True, check=False)
        assert checked.returncode == 0, (path, checked.stderr)
