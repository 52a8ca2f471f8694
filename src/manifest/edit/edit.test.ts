import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "#format/testing";
import { parseManifest } from "../manifest.ts";
import { manifestText } from "./edit-manifest.ts";
import { addPackages, type PackageList, removePackages } from "./packages.ts";

function manifest(text: string) {
  return parseManifest("/p/copse.toml", Buffer.from(text));
}

function added(text: string, names: readonly string[], list: PackageList = { kind: "python" }): string {
  return manifestText(addPackages(manifest(text), list, names).manifest);
}

function removed(
  text: string,
  names: readonly string[],
  lists: readonly PackageList[] = [{ kind: "python" }],
): string {
  return manifestText(removePackages(manifest(text), lists, names).manifest);
}

const COMMENTED = `# study
name = "lung" # the name

[python] # from PyPI
packages = [
  "torch>=2", # the framework
  # pictures
  'monai[all]',
]

[tasks]
train = "python3 train.py" # long
`;

test("comments and layout stay", () => {
  assert.equal(
    added(COMMENTED, ["numpy<2"]),
    COMMENTED.replace("'monai[all]',\n", "'monai[all]',\n  \"numpy<2\",\n"),
  );
  assert.equal(removed(COMMENTED, ["torch"]), COMMENTED.replace('  "torch>=2", # the framework\n', ""));
  assert.equal(added(COMMENTED, ["Torch>=2.1"]), COMMENTED.replace("torch>=2", "Torch>=2.1"));
});

test("a list that becomes too long gets a line for each item, and a comment behind it stays where it was", () => {
  const short = '[python]\npackages = ["numpy"] # what we need\n[tasks]\n';
  assert.equal(added(short, ["scipy"]), short.replace('"numpy"', '"numpy", "scipy"'));
  assert.equal(removed(short, ["numpy"]), short.replace('"numpy"', ""));
  const names = ["scikit-image", "SimpleITK>=2.3", "nibabel", "pydicom", "monai[all]", "torch>=2", "nipype"];
  const items = ["numpy", ...names].map((name) => `  "${name}",\n`).join("");
  assert.equal(added(short, names), short.replace('["numpy"]', `[\n${items}]`));
  const long = `[python]\npackages = ["${"a".repeat(100)}"]\n`;
  assert.equal(added(long, ["a".repeat(100)]), long);
  const quoted = '[python]\npackages = [{ name = "u", version = "*" }]\n';
  assert.match(added(quoted, names), /^ {2}\{ name = "u", version = "\*" \},\n {2}"scikit-image",\n/m);
});

test("a list that is missing is made, with a header of its own", () => {
  assert.equal(added('name = "x"\n', ["numpy"]), 'name = "x"\n\n[python]\npackages = ["numpy"]\n');
  assert.equal(
    added('name = "x"\n', ["hello"], { kind: "system", environment: "gpu" }),
    'name = "x"\n\n[env.gpu.system]\npackages = ["hello"]\n',
  );
  assert.equal(
    added("", ["pytest"], { kind: "python", group: "dev" }),
    '[python.groups]\ndev = ["pytest"]\n',
  );
  assert.equal(
    added("env = { gpu = {} }\n", ["hello"], { kind: "system", environment: "gpu" }),
    'env = { gpu = {system = {packages = ["hello"]}} }\n',
  );
});

test("a table of packages stays one", () => {
  const text = '[python.packages]\nnumpy = "<2" # old\n';
  assert.equal(added(text, ["NumPy"]), '[python.packages]\nnumpy = "*" # old\n');
  assert.match(added(text, ["monai[all]>=1"]), /monai = \{ ?version = ">=1", extras = \["all"\] ?\}/);
  assert.equal(removed(text, ["numpy"]).trim(), "[python.packages]");
});

test("names are compared as their kind compares them", () => {
  assert.deepEqual(
    addPackages(manifest('[python]\npackages = ["Scikit_Learn"]'), { kind: "python" }, ["scikit-learn"])
      .changes,
    [{ name: "scikit-learn", change: "changed" }],
  );
  assert.deepEqual(addPackages(manifest('[r]\npackages = ["MASS"]'), { kind: "r" }, ["mass"]).changes, [
    { name: "mass", change: "added" },
  ]);
  assert.deepEqual(
    addPackages(manifest('[system]\npackages = ["g++"]'), { kind: "system" }, ["g++"]).changes,
    [{ name: "g++", change: "unchanged" }],
  );
});

test("what is not there cannot be removed", () => {
  assert.throws(() => removed(COMMENTED, ["tourch"]), {
    code: "package-absent",
    hint: "did you mean torch?",
  });
});

test("what is added and removed again leaves the rest as it was", () => {
  const random = new Random(7);
  for (let round = 0; round < 200; round++) {
    const names = random.list(1 + random.below(4), (at) => `${random.text(1, "abc")}${at}`);
    const items = names.map((name) => `${random.chance(0.5) ? `"${name}"` : `'${name}>=1'`}`);
    const separator = random.chance(0.5) ? ", " : ",\n  # why\n  ";
    const text = `[python]\npackages = [${items.join(separator)}]\nversion = "3.11"\n`;
    const once = added(text, ["zz>=2"]);
    const back = removed(once, ["zz"]);
    assert.deepEqual(manifest(back).data, manifest(text).data, `${text}\n${once}\n${back}`);
  }
});
