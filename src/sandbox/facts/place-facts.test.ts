import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type Restrict, whyNoFilter, whyNoNamespace, withoutLinks, withoutLocks } from "../test-hosts.ts";
import { drive, identities, makeTestDirectory } from "../test-root.ts";
import type { PlaceFacts } from "./place-facts.ts";

const directory = makeTestDirectory();
const place = join(directory, "place");
mkdirSync(place);
chmodSync(place, 0o777);
after(() => rmSync(directory, { recursive: true, force: true }));
const ordinary = identities.at(-1)!;

async function probed(options: { wrap?: Restrict; identity?: typeof ordinary; path?: string } = {}) {
  const { wrap, identity = ordinary, path = join(place, "not/there/yet") } = options;
  const code = "console.log(JSON.stringify(await sandbox.probePlace(argument)))";
  const outcome = await drive(code, path, { identity, ...(wrap && { wrap }) });
  assert.deepEqual(readdirSync(place), [], "what was tried is removed again");
  return JSON.parse(outcome.output) as PlaceFacts;
}

/** With a tmpfs over the place. */
const mounted =
  (options: string): Restrict =>
  (command) => [
    ...["/usr/bin/unshare", "--mount", "sh", "-c"],
    ...[`mount -t tmpfs -o mode=777,${options} tmpfs '${place}' && exec "$@"`, "sh", ...command],
  ];

describe("what a place can do", () => {
  test("an ordinary one can do all of it", async () => {
    const facts = await probed();
    assert.equal(facts.folder, place);
    assert.deepEqual(
      [facts.writeError, facts.canExecute, facts.hardLinks, facts.databaseLocks, facts.writeAheadLog],
      [undefined, true, true, true, true],
    );
    assert.ok((facts.freeBytes ?? 0) > 0);
  });

  test("without locks", { skip: whyNoFilter }, async () => {
    const facts = await probed({ wrap: withoutLocks });
    assert.deepEqual([facts.flock, facts.databaseLocks, facts.hardLinks], [false, false, true]);
  });

  test("without hard links", { skip: whyNoFilter }, async () => {
    const facts = await probed({ wrap: withoutLinks });
    assert.deepEqual([facts.hardLinks, facts.databaseLocks], [false, true]);
  });

  test("noexec", { skip: whyNoNamespace }, async () => {
    const facts = await probed({ identity: identities[0]!, wrap: mounted("noexec,size=10m") });
    assert.deepEqual([facts.mountedNoexec, facts.canExecute, facts.fileSystem], [true, false, "tmpfs"]);
  });

  test("small", { skip: whyNoNamespace }, async () => {
    const facts = await probed({ identity: identities[0]!, wrap: mounted("size=1m,nr_inodes=100") });
    assert.ok((facts.freeBytes ?? 0) <= 2 ** 20 && (facts.freeInodes ?? 0) < 100, JSON.stringify(facts));
  });

  test("read-only", { skip: whyNoNamespace }, async () => {
    const facts = await probed({ identity: identities[0]!, wrap: mounted("ro,size=1m") });
    assert.deepEqual([facts.writeError, facts.hardLinks], ["EROFS", undefined]);
  });

  test("not one's own", { skip: ordinary.uid === 0 && "needs an ordinary user" }, async () => {
    const facts = await probed({ path: "/usr/lib" });
    assert.deepEqual([facts.folder, facts.writeError], ["/usr/lib", "EACCES"]);
  });

  test("of a server that has taken root's powers away", { skip: whyNoNamespace }, async () => {
    const closed = join(directory, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const squash: Restrict = (command) => [
      ...["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search", "--", ...command],
    ];
    const { execFileSync } = await import("node:child_process");
    execFileSync("chown", ["1234", closed]);
    const facts = await probed({ identity: identities[0]!, wrap: squash, path: closed });
    assert.equal(facts.writeError, "EACCES");
  });
});
