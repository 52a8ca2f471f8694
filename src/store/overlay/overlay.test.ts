import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const unshare = ["--mount", "--user", "--map-root-user"];
const MOUNT = `
  mount -t tmpfs tmpfs "$0" && cd "$0" && mkdir -p lower/nix/store upper work merged/nix/store &&
  mount -t overlay overlay -o lowerdir="$0/lower/nix/store",upperdir="$0/upper",workdir="$0/work",userxattr merged/nix/store`;

const SCRIPT = `
  import assert from "node:assert/strict";
  import { existsSync } from "node:fs";
  import { locateStore, openStore, storePlace } from ${JSON.stringify(join(import.meta.dirname, "../mod.ts"))};
  const [directory] = process.argv.slice(1);
  const uri = (more) => "local-overlay://?root=" + directory + "/merged&lower-store=" + directory + "/lower&upper-layer=" + directory + "/" + more;
  const lower = openStore(storePlace(directory + "/lower"));
  const base = lower.addText({ name: "base", contents: "base", references: [] });
  const user = lower.addText({ name: "user", contents: base, references: [base] });
  await lower.close();
  assert.throws(() => openStore(locateStore({}, { store: uri("elsewhere") })), /mounted incorrectly/);
  let store = openStore(locateStore({}, { store: uri("upper") }));
  assert.deepEqual(store.closure([user]), [base, user]);
  assert.equal(store.findByDigest(base.slice(-37, -5)), base);
  assert.deepEqual(store.queryReferrers(base), [user]);
  const own = store.addText({ name: "own", contents: user, references: [user] });
  assert.equal((await store.verifyPath(own)).isIntact, true);
  assert.equal(existsSync(directory + "/upper" + own.slice("/nix/store".length)), true);
  assert.equal(existsSync(directory + "/lower" + own), false);
  await store.close();
  // The same in both: the upper one goes when optimising.
  const twice = { name: "twice", contents: "twice", references: [] };
  store = openStore(locateStore({}, { store: uri("upper&remount-hook=true") }));
  const double = store.addText(twice);
  store.flush();
  const inUpper = () => existsSync(directory + "/upper" + double.slice("/nix/store".length));
  assert.equal(inUpper(), true);
  assert.equal((await store.verify({ checkContents: true })).errors, 0);
  await store.close();
  const below = openStore(storePlace(directory + "/lower"));
  below.addText(twice);
  await below.close();
  store = openStore(locateStore({}, { store: uri("upper&remount-hook=true") }));
  await store.optimise();
  assert.equal(inUpper(), false);
  await store.close();
  store = openStore(locateStore({}, { store: uri("upper") }));
  const { paths } = await store.collectGarbage({ action: "delete-dead" });
  assert.equal(paths.includes(own), true);
  assert.equal(store.isValid(own), false);
  // What is below stays valid and there.
  assert.equal((await store.verifyPath(user)).isIntact, true);
  await store.close();
`;

test("a store over another: reads through, adds above, collects only there", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "copse-overlay-"));
  try {
    const run = (argv: string[]) =>
      spawnSync("unshare", [...unshare, "sh", "-c", ...argv], { encoding: "utf8" });
    mkdirSync(join(directory, "x"));
    if (run([MOUNT, join(directory, "x")]).status !== 0) {
      context.skip("no overlay can be mounted here");
      return;
    }
    const node = [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      SCRIPT,
    ];
    const { status, stderr } = run([`${MOUNT} && exec "$@"`, directory, ...node, "--", directory]);
    assert.equal(status, 0, stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
