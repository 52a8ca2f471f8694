import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ByteString } from "#base";
import { type Derivation, derivationPath, formatDerivation, parseDerivation } from "./derivation.ts";
import { fillOutputPaths, hashDerivationModulo, type OutputHashes } from "./derivation-hash.ts";
import { formatHash, hashBytes } from "./hash.ts";
import {
  makeTextPath,
  parseStorePath,
  type StorePath,
  storePathFromBase,
  storePathName,
} from "./store-path.ts";
import { findJudge } from "./testing/judges.ts";
import { Random } from "./testing/random.ts";

const nixInstantiate = findJudge("nix-instantiate");

/** A Nix string literal; NUL, which Nix refuses, must not be in it. */
function literal(bytes: ByteString): ByteString {
  const escaped = bytes
    .replace(/["\\$]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}

/** A `let` of derivations and text files that refer to earlier ones in all ways that Nix has. */
function randomExpression(random: Random, count: number): ByteString {
  const unusual = String.fromCharCode(...Array(255).keys())
    .slice(1)
    .replace(/^/, '\\"\n\t\r${ab');
  const bindings: string[] = [];
  const derivations: { name: string; outputs: readonly string[] }[] = [];
  const files: string[] = [];
  const reference = () => {
    if (files.length > 0 && random.chance(0.3)) return `\${${random.pick(files)}}`;
    if (derivations.length === 0) return "";
    const { name, outputs } = random.pick(derivations);
    if (random.chance(0.05)) return `\${${name}.drvPath}`;
    if (random.chance(0.05)) return `\${builtins.unsafeDiscardOutputDependency ${name}.drvPath}`;
    return `\${${name}.${random.pick(outputs)}}`;
  };
  const string = () => {
    const references = random.list(random.below(3), reference);
    const plain = literal(random.text(random.below(10), random.chance(0.3) ? unusual : "abc -=$"));
    return `(${plain} + "${references.join(":")}")`;
  };
  for (let i = 0; i < count; i++) {
    if (random.chance(0.2)) {
      const earlier =
        files.length > 0 && random.chance(0.6)
          ? ` + "\${${random.pick(files)}} \${${random.pick(files)}}"`
          : "";
      bindings.push(`f${i} = builtins.toFile "file-${i}" (${literal(random.text(20, "xyz\n"))}${earlier});`);
      files.push(`f${i}`);
      continue;
    }
    const isFixed = random.chance(0.25);
    const outputs =
      isFixed || random.chance(0.6) ? ["out"] : random.pick([["out", "dev"], ["lib", "out", "doc"], ["bin"]]);
    const attributes = [
      `name = "drv-${i}";`,
      `system = ${random.chance(0.5) ? '"x86_64-linux"' : '"builtin"'};`,
      `builder = ${random.chance(0.3) ? `("b" + ${string()})` : '"/bin/sh"'};`,
      `args = [ ${random.list(random.below(4), string).join(" ")} ];`,
      ...random.list(random.below(6), (n) => `v${random.below(100)}_${n} = ${string()};`),
    ];
    if (isFixed) {
      const algorithm = random.pick(["md5", "sha1", "sha256", "sha512"] as const);
      const hash = formatHash(
        hashBytes(algorithm, random.bytes(4)),
        random.pick(["base16", "nix32", "base64"]),
      );
      const mode = random.pick(["flat", "recursive"]);
      attributes.push(`outputHash = "${hash}"; outputHashAlgo = "${algorithm}"; outputHashMode = "${mode}";`);
    } else if (outputs.length > 1 || outputs[0] !== "out") {
      attributes.push(`outputs = [ ${outputs.map((name) => `"${name}"`).join(" ")} ];`);
    }
    bindings.push(`d${i} = derivation { ${attributes.join(" ")} };`);
    derivations.push({ name: `d${i}`, outputs });
  }
  return `let ${bindings.join("\n")} in [ ${derivations.map(({ name }) => name).join(" ")} ]`;
}

/** What C++ Nix wrote into a fresh store for an expression: the text of each file by its path. */
function instantiate(expression: ByteString): Map<StorePath, ByteString> {
  const root = mkdtempSync(join(tmpdir(), "copse-format-"));
  try {
    nixInstantiate.judge!.run(["--store", root, "-"], Buffer.from(expression, "latin1"));
    const store = join(root, "nix/store");
    const names = readdirSync(store).filter((name) => /^[0-9a-z]{32}-/.test(name) && !name.endsWith(".lock"));
    return new Map(names.map((name) => [storePathFromBase(name), readFileSync(join(store, name), "latin1")]));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function withoutPaths(drv: Derivation): Derivation {
  const outputs = new Map(
    Array.from(drv.outputs, ([name, output]) => [name, { ...output, path: "" as const }]),
  );
  const env = new Map(Array.from(drv.env).filter(([name]) => !drv.outputs.has(name)));
  return { ...drv, outputs, env };
}

test("C++ Nix writes the same derivations under the same paths", { skip: nixInstantiate.reason }, () => {
  const files = instantiate(randomExpression(new Random(6), 500));
  const derivations = new Map<StorePath, Derivation>();
  for (const [path, text] of files) {
    const name = storePathName(path);
    if (!name.endsWith(".drv")) {
      const references = [...files.keys()].filter((other) => text.includes(other));
      assert.equal(makeTextPath({ name, hash: hashBytes("sha256", text), references }), path);
      continue;
    }
    const drv = parseDerivation(text, name.slice(0, -4));
    assert.equal(formatDerivation(drv), text, path);
    assert.equal(derivationPath(drv), path);
    derivations.set(path, drv);
  }
  assert.ok(derivations.size > 300);

  const hashes = new Map<StorePath, OutputHashes>();
  const inputHash = (path: StorePath): OutputHashes => {
    const known = hashes.get(path) ?? hashDerivationModulo(derivations.get(path)!, inputHash);
    hashes.set(path, known);
    return known;
  };
  for (const [path, drv] of derivations) {
    const filled = fillOutputPaths(withoutPaths(drv), inputHash);
    assert.equal(formatDerivation(filled), files.get(path), path);
  }
});

const SRC = parseStorePath("/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a.drv");

function simple(outputs: Derivation["outputs"], inputDrvs: Derivation["inputDrvs"] = new Map()): Derivation {
  return {
    name: "x",
    outputs,
    inputDrvs,
    inputSrcs: [],
    system: "s",
    builder: "b",
    args: [],
    env: new Map(),
  };
}

const NO_OUTPUTS: OutputHashes = { hashes: new Map(), isDeferred: false };

test("an input's output that does not exist is an error", () => {
  const drv = simple(new Map([["out", { path: "", hashAlgo: "", hash: "" }]]), new Map([[SRC, ["dev"]]]));
  assert.throws(() => fillOutputPaths(drv, () => NO_OUTPUTS), { code: "derivation-output-missing" });
});

test("outputs of several kinds are refused", () => {
  const floating = { path: "", hashAlgo: "r:sha256", hash: "" } as const;
  const drv = simple(
    new Map([
      ["out", floating],
      ["dev", { ...floating, hashAlgo: "" }],
    ]),
  );
  assert.throws(() => fillOutputPaths(drv, () => NO_OUTPUTS), { code: "derivation-kind" });
});
