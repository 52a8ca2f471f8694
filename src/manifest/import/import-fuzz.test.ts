import assert from "node:assert/strict";
import { test } from "node:test";
import { CopseError } from "#base";
import { imported } from "./testing.ts";

const SAMPLES: Readonly<Record<string, string>> = {
  "requirements.txt":
    "-i http://127.0.0.1:9/s\nnumpy[x]>=1,<2 ; python_version < '3.12' \\\n  --hash=sha256:aa # via -r a.in\n-e ./lib\nx @ git+http://127.0.0.1/x.git@v1#subdirectory=a\n--no-binary=:all:\n",
  "pyproject.toml":
    '[project]\nname = "a"\nrequires-python = ">=3.9"\ndependencies = ["b>=1", "a[c]"]\n[project.optional-dependencies]\nc = ["a[c]", "d"]\n[dependency-groups]\ndev = [{include-group = "e"}]\ne = ["f"]\n[tool.poetry.dependencies]\ng = {version = "^1.2 || ~2", python = "^3.9", git = "http://127.0.0.1/g"}\n[[tool.uv.index]]\nname = "l"\nurl = "http://127.0.0.1/l"\n',
  "environment.yml":
    "name: x\nchannels: [a]\ndependencies:\n  - python=3.11\n  - a::b[version='>=1,<2']\n  - c=1.2=py_0\n  - pip:\n    - d==1\nvariables:\n  A: 1\n",
  Dockerfile:
    'ARG V=1\nFROM python:3.11-slim@sha256:aa AS b\nENV A=$V B="c d"\nCOPY --from=x a b ./c/\nRUN apt-get install -y git=1:2.* && pip install -r c/a "d>=1" | tee x; R -e \'install.packages("e")\'\nRUN <<E\nmake\nE\nCMD ["a"]\n',
  Pipfile:
    '[[source]]\nurl = "http://127.0.0.1/s"\nname = "l"\n[packages]\na = "*"\nb = {version = ">=1", index = "l", sys_platform = "== \'linux\'"}\n[scripts]\nc = "d"\n',
  "Pipfile.lock":
    '{"_meta": {"requires": {"python_version": "3.11"}}, "default": {"a": {"version": "==1", "markers": "os_name == \'posix\'"}}, "develop": {}}',
  "uv.lock":
    '[[package]]\nname = "a"\nversion = "1"\nsource = { virtual = "." }\n[package.metadata]\nrequires-dist = [{ name = "b", marker = "extra == \'c\'", git = "http://127.0.0.1/b?rev=1" }]\n[[package]]\nname = "b"\nversion = "1"\nsource = { registry = "http://127.0.0.1" }\n',
  "pylock.toml":
    '[[packages]]\nname = "a"\nversion = "1"\nmarker = "os_name == \'posix\'"\n[[packages]]\nname = "b"\nvcs = { type = "git", url = "http://127.0.0.1/b", commit-id = "aa" }\n',
  "renv.lock":
    '{"R": {"Version": "4.3", "Repositories": [{"URL": "http://127.0.0.1/2024-03-01"}]}, "Packages": {"lme4": {"Version": "1.1-3", "Source": "Repository", "Requirements": ["Matrix"]}}}',
  DESCRIPTION: "Package: a\nTitle: b\n  c\nDepends: R (>= 4), d (>= 1.2-3)\nSystemRequirements: GDAL, x\n",
  ".python-version": "3.11.4\n",
};

const ALPHABET = [
  "\n",
  '"',
  "'",
  "[",
  "]",
  "{",
  "}",
  "=",
  "\\",
  "\0",
  "#",
  " ",
  "$",
  "-",
  "../",
  ":",
  "é",
  "\u2028",
  "<",
  "|",
  ";",
  "0",
];

test("damaged files end in an error of ours, or in a copse.toml that is one", () => {
  let seed = 11;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const rounds = 40 * Number(process.env["COPSE_FUZZ"] ?? 1);
  for (const [name, sample] of Object.entries(SAMPLES))
    for (let round = 0; round < rounds; round++) {
      let text = sample;
      for (let change = next(4); change >= 0; change--) {
        const at = next(text.length + 1);
        const piece = ALPHABET[next(ALPHABET.length)] as string;
        text = [
          text.slice(0, at) + piece + text.slice(at),
          text.slice(0, at) + text.slice(at + 1 + next(6)),
          text.slice(0, at) + text.slice(next(text.length)),
        ][next(3)] as string;
      }
      try {
        imported({ [name]: text }, { named: [name] });
      } catch (error) {
        assert.ok(error instanceof CopseError, `${name}: ${JSON.stringify(text)}: ${(error as Error).stack}`);
        assert.match(
          error.code,
          /^(?:import-|r-dcf-)/,
          `${name}: ${JSON.stringify(text)}: ${error.message} ${error.hint}`,
        );
      }
    }
});
