/** One lock for machines of several kinds, made on one of them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { failure, output, write } from "../world.ts";
import { lockedIn, lockOf, openPythonWorld, type PythonWorld } from "./python-project.ts";

let python: PythonWorld;
before(async () => {
  python = await openPythonWorld();
});
after(() => python.index.close());

const MANIFEST = `platforms = ["x86_64-linux", "aarch64-linux"]

[system]
packages = ["hello"]

[python]
packages = ["native"]
`;

test("each platform has its own answer, of packages for it", async () => {
  const at = python.project(MANIFEST);
  const printed = await output(["lock"], at);
  assert.match(printed, /^Python 3\.11 aarch64-linux: 2 packages$/m);
  assert.match(printed, /^Python 3\.11 x86_64-linux: 1 package$/m);
  assert.match(printed, /^bookworm amd64: /m);
  assert.match(printed, /^bookworm arm64: /m);
  assert.deepEqual(lockedIn(at, "x86_64-linux"), ["native 1.0"]);
  assert.deepEqual(lockedIn(at, "aarch64-linux"), ["delta 0.1", "native 1.0"]);
  const { debian } = JSON.parse(lockOf(at));
  for (const architecture of ["amd64", "arm64"]) {
    const { packages } = debian.bookworm[architecture];
    const hello = packages.find(({ name }: { readonly name: string }) => name === "hello");
    assert.match(hello.file, new RegExp(`hello_.*_${architecture}\\.deb$`));
  }
});

test("what changes alike on all platforms is told once; frozen, each must be answered", async () => {
  const at = python.project(MANIFEST);
  await output(["lock"], at);
  assert.equal(await output(["add", "epsilon"], at), "+ epsilon 7\n");
  assert.equal(await output(["lock", "--frozen"], at), await output(["lock"], at));
  write(at.cwd, { "copse.toml": '[python]\npackages = ["delta"]\n' });
  await output(["lock"], at);
  write(at.cwd, {
    "copse.toml": 'platforms = ["x86_64-linux", "aarch64-linux"]\n[python]\npackages = ["gamma"]\n',
  });
  assert.match(await failure(["lock", "--frozen"], at), /not in copse\.lock: gamma/);
});

test("an export is of the system that is named", async () => {
  const at = python.project(MANIFEST);
  await output(["lock"], at);
  const other = await output(["export", "--format", "requirements", "--system", "aarch64-linux"], at);
  assert.match(other, /^delta==0\.1 /m);
  const own = await output(["export", "--format", "requirements", "--system", "x86_64-linux"], at);
  assert.doesNotMatch(own, /delta/);
});
