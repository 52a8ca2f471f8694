/** What pip's configuration says of versions, as far as pip chooses the same by it; and what is refused. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { CopseError } from "#base";
import { noPip } from "#fetch/testing";
import { parseRequirement } from "#format/python";
import { solvePython } from "../../resolve-python.ts";
import { type FixtureIndex, serveFixtureIndex } from "../../testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../testing/packages.ts";
import { openPythonIndex } from "../python-index.ts";
import { withPipPreferences } from "./preferences.ts";

const directory = mkdtempSync(join(tmpdir(), "copse-preferences-"));
const wheel = (name: string, version: string, requires: readonly string[] = []) => ({
  ...makeWheel({ name, version, requires }),
  uploadTime: `20${version.padStart(2, "1").slice(0, 2).replace(".", "0")}-01-01T00:00:00Z`,
});
const sdist = (name: string, version: string) => ({
  ...makeSdist({ name, version }),
  uploadTime: "2024-01-01T00:00:00Z",
});
let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex({
    app: [wheel("app", "1.0", ["lib", "raw"])],
    lib: [wheel("lib", "1.0"), wheel("lib", "1.5"), wheel("lib", "2.0"), wheel("lib", "3.0b1")],
    raw: [wheel("raw", "1.0"), wheel("raw", "2.0"), sdist("raw", "2.0"), sdist("raw", "3.0")],
  });
});
after(async () => {
  await index.close();
  rmSync(directory, { recursive: true });
});

function file(name: string, contents: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, contents);
  return path;
}

function environment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...{ HOME: directory, PATH: process.env["PATH"] ?? "", PIP_CONFIG_FILE: "/dev/null" },
    ...{ PIP_INDEX_URL: index.url, PIP_RETRIES: "0", PIP_DISABLE_PIP_VERSION_CHECK: "1" },
    ...settings,
  };
}

/** `name-version` and whether a wheel was taken, of all that the answer has. */
async function ours(
  settings: Readonly<Record<string, string>>,
  requirements: readonly string[] = ["app"],
): Promise<string[]> {
  const opened = openPythonIndex({
    ...{ env: environment(settings), cacheDir: mkdtempSync(join(directory, "cache-")), directory },
    ...{ root: directory, backoffMs: 1 },
    sdists: { metadataOf: () => Promise.reject(new Error("nothing is built here")) },
  });
  try {
    const preferences = await opened.preferences();
    const { packages } = await solvePython({
      requirements: requirements.map((one) => parseRequirement(one)),
      constraints: preferences.constraints,
      platform: { system: "x86_64-linux", python: "3.11.2", glibc: "2.36" },
      settings: withPipPreferences({}, preferences),
      index: opened,
    });
    return packages.map(({ file: { file: name } }) => name).sort();
  } finally {
    opened.close();
  }
}

const REPORT = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"] as const;

async function pips(
  settings: Readonly<Record<string, string>>,
  requirements: readonly string[] = ["app"],
): Promise<string[] | undefined> {
  const child = spawn("python3", ["-W", "ignore", "-m", "pip", ...REPORT, ...requirements], {
    cwd: directory,
    env: environment({ PIP_NO_BUILD_ISOLATION: "0", ...settings }),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [answer, status] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.on("close", resolve)),
  ]);
  if (status !== 0) return undefined;
  const { install } = JSON.parse(answer) as { install: { download_info: { url: string } }[] };
  return install.map(({ download_info: { url } }) => url.slice(url.lastIndexOf("/") + 1)).sort();
}

const cases: readonly {
  readonly what: string;
  readonly settings: () => Readonly<Record<string, string>>;
  readonly comes: readonly string[];
}[] = [
  { what: "nothing", settings: () => ({}), comes: ["lib-2.0", "raw-3.0.tar"] },
  {
    what: "a constraints file",
    settings: () => ({ PIP_CONSTRAINT: file("a.txt", "# ours\nLIB < 2 \\\n  # none\nother==1\n") }),
    comes: ["lib-1.5", "raw-3.0.tar"],
  },
  {
    what: "constraints that name further ones, with variables and markers",
    settings: () => ({
      PIP_CONSTRAINT: file("b.txt", `-c sub/c.txt\nraw<\${LIMIT}\nlib<1 ; python_version < "3"\n`),
      LIMIT: file("sub/c.txt", "lib==1.0\n") && "2",
    }),
    comes: ["lib-1.0", "raw-1.0"],
  },
  { what: "pre", settings: () => ({ PIP_PRE: "1" }), comes: ["lib-3.0b1", "raw-3.0.tar"] },
  { what: "prefer-binary", settings: () => ({ PIP_PREFER_BINARY: "yes" }), comes: ["lib-2.0", "raw-2.0-"] },
  { what: "only-binary", settings: () => ({ PIP_ONLY_BINARY: ":all:" }), comes: ["lib-2.0", "raw-2.0-"] },
  {
    what: "only-binary of one",
    settings: () => ({ PIP_ONLY_BINARY: "Raw" }),
    comes: ["lib-2.0", "raw-2.0-"],
  },
  {
    what: "no-binary of one",
    settings: () => ({ PIP_NO_BINARY: "raw", PIP_CONSTRAINT: file("d.txt", "raw<3\n") }),
    comes: ["lib-2.0", "raw-2.0.tar"],
  },
  {
    what: "all sources but two",
    // In a file, as the order counts, and shells do not keep that of variables.
    settings: () => ({
      PIP_CONFIG_FILE: file("pip.conf", "[global]\nno-binary = :all:\nonly-binary = app,lib\n"),
    }),
    comes: ["lib-2.0", "raw-3.0.tar"],
  },
];

for (const { what, settings, comes } of cases) {
  const isExpected = (files: readonly string[]) =>
    files.length === 3 && comes.every((start, at) => files[at + 1]?.startsWith(start));
  test(`pip's configuration has ${what}`, async () => {
    const files = await ours(settings());
    assert.ok(isExpected(files), files.join(" "));
  });
  test(`pip takes the same with ${what}`, { skip: noPip }, async () => {
    const files = await pips(settings());
    // Where an sdist must be built, pip wants its build tools from the index too.
    assert.deepEqual(files, await ours(settings()));
  });
}

test("constraints from an address, and relative ones beside them", async (t) => {
  const files = await serveFixtureIndex({});
  t.after(() => files.close());
  const answers = (contents: string) => ({
    kind: "answer" as const,
    answer: (response: { end(text: string): void }) => response.end(contents),
  });
  files.faults.set("/lab/all.txt", answers("-c more.txt\nraw<2\n"));
  files.faults.set("/lab/more.txt", answers("lib<1.5\n"));
  const found = await ours({ PIP_CONSTRAINT: files.url.replace("/simple", "/lab/all.txt") });
  assert.deepEqual(
    found.map((name) => name.split("-").slice(0, 2).join("-")),
    ["app-1.0", "lib-1.0", "raw-1.0"],
  );
});

test("files from a certain time on do not count", async () => {
  const settings = { PIP_UPLOADED_PRIOR_TO: "2016-06-01T00:00:00Z" };
  const found = await ours(settings, ["lib"]);
  assert.equal(found[0]?.startsWith("lib-1.5"), true, found.join());
});

test("what cannot be locked, and constraints that are none, are refused by name", async () => {
  for (const [settings, code, pattern] of [
    [{ PIP_NO_DEPS: "1" }, "pip-setting-unsupported", /no-deps.*\$PIP_NO_DEPS/],
    [{ PIP_IGNORE_REQUIRES_PYTHON: "1" }, "pip-setting-unsupported", /ignore-requires-python/],
    [{ PIP_PLATFORM: "win32" }, "pip-setting-unsupported", /platform/],
    [{ PIP_UPLOADED_PRIOR_TO: "yesterday" }, "pip-config-value", /uploaded-prior-to/],
    [{ PIP_CONSTRAINT: join(directory, "none.txt") }, "pip-constraints", /ENOENT.*none\.txt/],
    [{ PIP_CONSTRAINT: `${index.url}/none.txt` }, "pip-constraints", /none\.txt/],
    [{ PIP_CONSTRAINT: file("e.txt", "lib\n\n-e .\n") }, "pip-constraints", /e\.txt, line 3/],
    [{ PIP_CONSTRAINT: file("f.txt", "lib[all]<2\n") }, "pip-constraints", /extras.*f\.txt, line 1/],
    [{ PIP_CONSTRAINT: file("i.txt", "lib==1.0 --hash=sha256:00\n") }, "pip-constraints", /hash.*i\.txt/],
    [{ PIP_CONSTRAINT: file("g.txt", "what is this\n") }, "pip-constraints", /g\.txt, line 1/],
    [{ PIP_CONSTRAINT: file("h.txt", "--index-url https://a.example\n") }, "pip-constraints", /h\.txt/],
  ] as const)
    await assert.rejects(ours(settings), (error) => {
      assert.ok(error instanceof CopseError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, pattern);
      assert.ok(error.hint);
      return true;
    });
  assert.deepEqual((await ours({ PIP_NO_DEPS: "0" })).length, 3);
});
