/**
 * Python environments from the index that this machine is configured for, through whole commands.
 *
 * Everything else is tested on an index that the tests serve; here is what only the real one shows: its pages, its
 * wheels, and its source archives. Versions are whatever is newest, so no test names one.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type CallOptions, copse, output, project, world, write } from "../e2e/world.ts";
import { pythonIndexMissing } from "./real-index.ts";

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly system?: readonly string[];
  readonly build?: { readonly requires?: readonly string[] };
}

function lockText(cwd: string): string {
  return readFileSync(join(cwd, "copse.lock"), "utf8");
}

function locked(cwd: string, name: string): LockedPackage {
  const { python } = JSON.parse(lockText(cwd)) as {
    python: Record<string, { packages: readonly LockedPackage[] }>;
  };
  const found = Object.values(python)
    .flatMap(({ packages }) => packages)
    .find((one) => one.name === name);
  assert(found, `${name} is not in the lock`);
  return found;
}

function manifest(...packages: readonly string[]): string {
  const cwd = project();
  write(cwd, { "copse.toml": `name = "real"\n\n[python]\npackages = ${JSON.stringify(packages)}\n` });
  return cwd;
}

/** A store path and all that it needs, each with the hash of its contents. */
async function narHashes(path: string, call: CallOptions): Promise<string> {
  const text = await output(["path-info", "--json", "--json-format", "1", "--recursive", path], call);
  const infos = JSON.parse(text) as Record<string, { narHash: string }>;
  return Object.entries(infos)
    .map(([one, { narHash }]) => `${one} ${narHash}`)
    .sort()
    .join("\n");
}

/** What `main` of Python prints in the environment of a folder. */
async function python(cwd: string, main: string): Promise<string> {
  return (await output(["run", "--frozen", "--", "python3", "-c", main], { cwd })).trim();
}

describe("the configured index of Python packages", { skip: await pythonIndexMissing() }, () => {
  test("a manifest is solved, locked and run; its lock names no host", async () => {
    const cwd = manifest("numpy", "nibabel");
    await output(["lock"], { cwd });
    assert.doesNotMatch(lockText(cwd), /:\/\//);
    const code = "import numpy, nibabel; print(nibabel.Nifti1Image(numpy.ones((2, 3, 4)), None).shape)";
    assert.equal(await python(cwd, code), "(2, 3, 4)");
    const versions = await python(
      cwd,
      "import numpy, nibabel; print(numpy.__version__, nibabel.__version__)",
    );
    assert.equal(versions, `${locked(cwd, "numpy").version} ${locked(cwd, "nibabel").version}`);
  });

  test("one lock gives the same paths and bytes in three stores, one of which has a mirror and no network", async () => {
    const first = manifest("numpy", "nibabel");
    await output(["lock"], { cwd: first });
    const [second, third] = [0, 1].map(() => {
      const folder = mkdtempSync(join(world.projects, "p-"));
      cpSync(first, folder, { recursive: true });
      return folder;
    });
    const newStore = () => mkdtempSync(join(world.projects, "store-"));
    const mirror = mkdtempSync(join(world.projects, "mirror-"));
    await output(["fetch", "-o", mirror], { cwd: first });
    const elsewhere = {
      COPSE_STORE: newStore(),
      XDG_CACHE_HOME: newStore(),
      COPSE_MIRRORS: mirror,
      COPSE_OFFLINE: "1",
    };
    const builds = [
      { cwd: first, env: {} },
      { cwd: second!, env: { COPSE_STORE: newStore() } },
      { cwd: third!, env: elsewhere },
    ];
    const infos: string[] = [];
    for (const call of builds) {
      const path = (await output(["build", "--frozen", "--no-link"], call)).trim();
      infos.push(await narHashes(path, call));
    }
    assert.match(infos[0] ?? "", /-numpy-/);
    assert.equal(infos[0], infos[1]);
    assert.equal(infos[0], infos[2]);
  });

  test("a library that a wheel does not declare is found in Debian, and locked", async () => {
    const cwd = manifest("opencv-python");
    await output(["run", "--", "true"], { cwd });
    assert.notDeepEqual(locked(cwd, "opencv-python").system ?? [], []);
    assert.match(await python(cwd, "import cv2; print(cv2.blur.__name__)"), /^blur$/);
  });

  test("a source archive is built in the sandbox, with build requirements that are locked", async () => {
    const cwd = manifest("docopt");
    await output(["run", "--", "true"], { cwd });
    const docopt = locked(cwd, "docopt");
    assert.match(docopt.file, /\.tar\.gz$/);
    assert(docopt.build, "the lock has nothing of the build");
    const code = "import docopt; print(docopt.docopt('usage: x --n=<n>', ['--n=3']))";
    assert.equal(await python(cwd, code), "{'--n': '3'}");
  });

  test("what pip says of the environment: nothing is missing and nothing conflicts", async () => {
    const cwd = manifest("nibabel", "scikit-image", "pip");
    await output(["run", "--", "true"], { cwd });
    assert.match(
      await output(["run", "--", "python3", "-m", "pip", "check"], { cwd }),
      /No broken requirements/,
    );
  });

  test("a name that nobody has is an error that points at the manifest", async () => {
    const cwd = manifest("a-name-that-nobody-has-registered-for-copse");
    const outcome = await copse(["lock"], { cwd });
    assert.equal(outcome.code, 1);
    assert.match(outcome.stderr, /error\[python-package-unknown\]/);
    assert.match(outcome.stderr, /copse\.toml:4/);
  });
});
