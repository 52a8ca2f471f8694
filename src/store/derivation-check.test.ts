import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { type Derivation, derivationPath, fillOutputPaths, formatDerivation, type StorePath } from "#format";
import { checkedOutputs } from "./derivation-check.ts";

const directory = mkdtempSync(join(tmpdir(), "copse-drv-"));
mkdirSync(directory, { recursive: true });
after(() => rmSync(directory, { recursive: true, force: true }));
const realPath = (path: StorePath) => join(directory, basename(path));

function stored(drv: Derivation): StorePath {
  const path = derivationPath(drv);
  writeFileSync(realPath(path), Buffer.from(formatDerivation(drv), "latin1"));
  chmodSync(realPath(path), 0o444);
  return path;
}

function plain(name: string, inputDrvs: Derivation["inputDrvs"] = new Map()): Derivation {
  const outputs = new Map([["out", { path: "" as const, hashAlgo: "", hash: "" }]]);
  const env = new Map([["bytes", "\xff\n"]]);
  return { name, outputs, inputDrvs, inputSrcs: [], system: "s", builder: "/b", args: ["\xe9"], env };
}

const input = fillOutputPaths(plain("input"), () => ({ hashes: new Map(), isDeferred: false }));
const inputPath = stored(input);

test("what evaluation makes is right, with bytes that are not text and with inputs", () => {
  assert.deepEqual([...checkedOutputs(inputPath, realPath)], [["out", input.outputs.get("out")?.path]]);
});

test("another output's path, another variable, none", () => {
  const foreign = input.outputs.get("out")?.path as StorePath;
  const { env } = input;
  const claims: readonly (readonly [Derivation, RegExp])[] = [
    [
      {
        ...plain("thief"),
        outputs: new Map([["out", { path: foreign, hashAlgo: "", hash: "" }]]),
        env: new Map([["out", foreign]]),
      },
      /^derivation has incorrect output '\S+-input', should be '\S+-thief'$/,
    ],
    [
      { ...input, env: new Map([...env, ["out", "/elsewhere"]]) },
      /^derivation has incorrect environment variable 'out', should be '\S+-input' but is actually '\/elsewhere'$/,
    ],
    [
      {
        ...input,
        outputs: new Map([["out", { path: foreign, hashAlgo: "r:sha256", hash: "0".repeat(64) }]]),
      },
      /^derivation has incorrect output/,
    ],
  ];
  for (const [drv, message] of claims) {
    assert.throws(() => checkedOutputs(stored(drv), realPath), { code: "derivation-output-wrong", message });
  }
});
