import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CopseError, installedPath, lineColumn } from "#base";
import { checkManifest } from "./check/mod.ts";
import { manifestExpression } from "./expression/expression.ts";
import { parseManifest } from "./manifest.ts";
import { manifestReference, manifestSchema } from "./schema/mod.ts";
import { tasksInOrder } from "./tasks.ts";

function manifest(text: string) {
  return parseManifest("/p/copse.toml", Buffer.from(text));
}

function faults(text: string): string[] {
  try {
    const read = manifest(text);
    checkManifest(read);
    manifestExpression(read);
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    return [...error.related, error].map(
      ({ code, span }) => `${code}${span ? ` ${lineColumn(span.source, span.start).line}` : ""}`,
    );
  }
  return [];
}

test("what does not make sense is told with its line", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['[python]\npackages = [\n "numpy",\n "a^1",\n]', ["python-requirement-invalid 4"]],
    ['[python]\npackages = [{ name = "a", path = ".", url = "https://x" }]', ["manifest-package 2"]],
    ['[python]\npackages = [{ name = "a", editable = true }]', ["manifest-package 2"]],
    ['[python]\npackages = [{ name = "a", index = "lab" }]', ["manifest-reference 2"]],
    ['[python]\n[env.gpu]\npython.groups = ["gpu"]', ["manifest-group 3"]],
    ['[tasks]\na = { run = "x", depends = ["b"] }\nb = { run = "x", depends = ["a"] }', ["task-cycle 3"]],
    ['[tasks]\na = { run = "x", depends = ["c"] }', ["task-unknown 2"]],
    ['[tasks]\na = { run = "x", environment = "c" }', ["manifest-reference 2"]],
    ['[services.a]\nrun = "x"\ndepends = ["a"]', ["service-cycle 3"]],
    ['[services.a]\nrun = "x"\nready = { port = 1, http = "http://x" }', ["manifest-value 3"]],
    ['[variables]\nPATH = "x"', ["manifest-variable 2"]],
    [`[data.a]\nsha256 = "${"0".repeat(64)}"`, ["manifest-data 1"]],
    [`[data.a]\npath = "x"\nsha256 = "${"0".repeat(64)}"\n[variables]\nDATA_A = "x"`, ["manifest-data 1"]],
    ["name = 2024-01-01", ["manifest-syntax 1"]],
    ["[a\nb = 1", ["manifest-syntax 1"]],
    ["", []],
  ];
  for (const [text, expected] of cases)
    assert.deepEqual(faults(text).map(withoutOwnCode), expected.map(withoutOwnCode), text);
});

/** The codes of other formats' parsers are theirs to name. */
function withoutOwnCode(line: string): string {
  return line.replace(/^python-\S+|^requirement-\S+/, "python");
}

test("tasks come after what they depend on, each once", () => {
  const read = manifest(`[tasks]
a = "x"
b = { run = "x", depends = ["a"] }
c = { run = "x", depends = ["b", "a"] }
d = { run = "x", depends = ["c", "b"] }`);
  assert.deepEqual(tasksInOrder(read, "d"), ["a", "b", "c", "d"]);
});

test("the committed JSON schema and the handbook's table are those of the definition", () => {
  const committed = JSON.parse(readFileSync(installedPath("docs/copse-toml.schema.json"), "utf8"));
  assert.deepEqual(
    committed,
    JSON.parse(JSON.stringify(manifestSchema())),
    "copse schema > docs/copse-toml.schema.json",
  );
  const page = readFileSync(installedPath("docs/copse-toml.md"), "utf8");
  assert.ok(page.includes(manifestReference()), "copse schema --format markdown, into docs/copse-toml.md");
});

test("every example of the handbook, and every template, is a manifest", () => {
  const page = readFileSync(installedPath("docs/copse-toml.md"), "utf8");
  const examples = [...page.matchAll(/^```toml\n(.*?)^```/gms)].map(([, text = ""]) => text);
  assert.ok(examples.length >= 8);
  for (const text of examples) checkManifest(manifest(text));
  for (const name of readdirSync(installedPath("templates")))
    checkManifest(manifest(readFileSync(join(installedPath("templates"), name, "copse.toml"), "utf8")));
});

test("all forms of packages become requirements", () => {
  const read = manifest(`[python]
packages = [
  "numpy<2",
  { name = "monai", extras = ["all"], version = ">=1.3" },
  { name = "lab", git = "https://x.example/lab", rev = "v1", subdirectory = "py" },
  { name = "whl", url = "https://x.example/whl-1-py3-none-any.whl" },
  { name = "mine", path = "./sub dir", editable = true },
  { name = "old", version = "1.2", marker = "python_version < '3.12'" },
]
[env.table.python.packages]
a = "*"
B_c = "1.5"
`);
  const { text } = manifestExpression(read);
  for (const requirement of [
    "numpy<2",
    "monai[all]>=1.3",
    "lab @ git+https://x.example/lab@v1#subdirectory=py",
    "whl @ https://x.example/whl-1-py3-none-any.whl",
    "mine",
    "old==1.2 ; python_version < '3.12'",
    "a",
    "B_c==1.5",
  ])
    assert.ok(text.includes(`${JSON.stringify(requirement)}\n`), requirement);
  assert.match(text, /mine = \{\n\s+path = \(\.\/\. \+ "\/sub dir"\);\n\s+editable = true;/);
});

test("errors in the expression can be shown in the manifest: every mark is of a value that is there", () => {
  const read = manifest('name = "u"\n[system]\npackages = ["jq", "git"]\n');
  const { text, marks } = manifestExpression(read);
  const marked = marks.map(({ start, end, origin }) => [text.slice(start, end), origin.join(".")]);
  assert.deepEqual(marked, [
    ["pkgs.debian.jq", "system.packages.0"],
    ["pkgs.debian.git", "system.packages.1"],
  ]);
});
