/** A disk of a few megabytes that runs full, made in a mount namespace of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const unshare = ["--mount", "--user", "--map-root-user"];
const canMount =
  spawnSync("unshare", [...unshare, "sh", "-c", "mount -t tmpfs -o size=1m tmpfs /mnt"]).status === 0;

const SCRIPT = `
  import assert from "node:assert/strict";
  import { mkdirSync, rmSync, writeFileSync } from "node:fs";
  import { openStore, storePlace } from ${JSON.stringify(join(import.meta.dirname, "mod.ts"))};
  const [directory] = process.argv.slice(1);
  const place = storePlace(directory + "/store");
  const open = () => openStore(place, { settings: { "gc-reserved-space": 2 ** 20 } });
  const fill = (name, size) => writeFileSync(directory + "/" + name, Buffer.alloc(size, 1));
  let store = open();
  fill("source", 2 ** 20);
  const kept = store.addTree({ name: "kept", source: directory + "/source" });
  const dead = store.addTree({ name: "dead", source: directory + "/source" });
  store.addRoot("kept", kept);
  await store.close();
  store = open();
  const before = store.allPaths();
  try { fill("filler", 64 * 2 ** 20); } catch (error) { assert.equal(error.code, "ENOSPC"); }
  for (const add of [
    () => store.addTree({ name: "more", source: directory + "/source" }),
    () => store.add({ name: "more", source: directory + "/source" }),
    () => { store.addText({ name: "text", contents: "x".repeat(100_000), references: [] }); store.flush(); },
  ]) {
    await assert.rejects(async () => add(), (error) => { assert.equal(error.code, "disk-full", String(error.stack)); return true; });
  }
  // What could not be written is still pending.
  await assert.rejects(store.close(), (error) => error.code === "disk-full");
  store = open();
  assert.deepEqual(store.allPaths(), before);
  await store.close();
  // The reserve makes it possible to collect, and then there is room again.
  store = open();
  const { paths } = await store.collectGarbage({ action: "delete-dead" });
  assert.equal(paths.includes(dead), true);
  assert.deepEqual(store.allPaths(), [kept]);
  store.addText({ name: "text", contents: "x".repeat(100_000), references: [] });
  await store.close();
  store = open();
  assert.deepEqual(await store.verify({ checkContents: true }), { errors: 0 });
  await store.close();
`;

test("a full disk is one clear error, half-registers nothing, and can be cleared", {
  skip: !canMount && "no file system can be mounted here",
}, () => {
  const directory = mkdtempSync(join(tmpdir(), "copse-full-"));
  try {
    const inside = 'mount -t tmpfs -o size=12m tmpfs "$0" && exec "$@"';
    const { status, stderr } = spawnSync(
      "unshare",
      [
        ...unshare,
        "sh",
        "-c",
        inside,
        directory,
        process.execPath,
        "--disable-warning=ExperimentalWarning",
        "--input-type=module",
        "-e",
        SCRIPT,
        "--",
        directory,
      ],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
