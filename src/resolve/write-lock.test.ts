import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { openLock } from "./lock.ts";
import { parseLock } from "./lock-reader.ts";
import type { LockedPackage, LockedRelease } from "./lock-schema.ts";
import { writeLock } from "./write-lock.ts";

const release: LockedRelease = {
  ...{ archive: "debian", suite: "bookworm", origin: "Debian", label: "Debian", codename: "bookworm" },
  ...{ version: "12.1", date: "2026-07-11T10:16:37Z", indexes: ["ab".repeat(32)] },
};

function locked(name: string): LockedPackage {
  const file = `pool/main/${name[0]}/${name}/${name}_1.0_amd64.deb`;
  return {
    ...{ name, version: "1.0", architecture: "amd64", archive: "debian", file },
    ...{ size: 10, sha256: "cd".repeat(32), python: false },
  };
}

const request = (name: string) => ({ suite: "bookworm", architecture: "amd64", names: [name] });
const answer = (name: string, from = release) => ({ packages: [locked(name)], releases: [from] });

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "copse-write-lock-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "copse.lock");
}

test("what two have recorded since they read the file is kept of both", (t) => {
  const path = place(t);
  const [one, other] = [openLock(path), openLock(path)];
  one.record(request("a"), answer("a"));
  one.python.record(question("x"), []);
  one.save();
  other.record(request("b"), answer("b"));
  other.python.record(question("y"), []);
  other.save();
  for (const lock of [other, openLock(path)]) {
    for (const name of ["a", "b"]) assert.ok(lock.answer(request(name)), name);
    for (const name of ["x", "y"]) assert.ok(lock.python.answer(question(name)), name);
  }
  assert.deepEqual(readdirSync(join(path, "..")), ["copse.lock"]);
});

const question = (name: string) => ({
  ...{ requirements: [name], python: "3.11.2", glibc: "2.36", system: "x86_64-linux", settings: {} },
});

test("answers from other releases do not stand beside each other: the last one's count", (t) => {
  const path = place(t);
  const [one, other] = [openLock(path), openLock(path)];
  one.record(request("a"), answer("a"));
  one.save();
  other.record(request("b"), answer("b", { ...release, date: "2026-08-01T00:00:00Z" }));
  other.save();
  assert.equal(openLock(path).answer(request("a")), undefined);
  assert.ok(openLock(path).answer(request("b")));
});

test("many processes at once lose nothing, and a reader never sees half a lock", async (t) => {
  const path = place(t);
  const script = `
    const { openLock } = await import(${JSON.stringify(new URL("lock.ts", import.meta.url).href)});
    const [path, prefix] = process.argv.slice(1);
    for (let at = 0; at < 15; at++) {
      const lock = openLock(path);
      const names = [prefix + at];
      const [package_, release] = JSON.parse(process.env.PARTS);
      lock.record({ suite: "bookworm", architecture: "amd64", names }, {
        packages: [{ ...package_, name: names[0] }], releases: [release] });
      lock.save();
    }`;
  const env = { ...process.env, PARTS: JSON.stringify([locked("a"), release]) };
  const prefixes = ["pa", "pb", "pc", "pd"];
  let running = prefixes.length;
  const children = prefixes.map((prefix) => {
    const args = [
      "--disable-warning=ExperimentalWarning",
      "--input-type=module",
      "-e",
      script,
      "--",
      path,
      prefix,
    ];
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "inherit"] });
    return new Promise<number | null>((resolve) => {
      child.on("close", (code) => {
        running--;
        resolve(code);
      });
    });
  });
  while (running > 0) {
    parseLock(path, contentsOf(path));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual(await Promise.all(children), [0, 0, 0, 0]);
  const lock = openLock(path);
  for (const prefix of prefixes)
    for (let at = 0; at < 15; at++) assert.ok(lock.answer(request(`${prefix}${at}`)), `${prefix}${at}`);
  assert.deepEqual(readdirSync(join(path, "..")), ["copse.lock"]);
});

function contentsOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("what a killed process has left is taken away", (t) => {
  const path = place(t);
  writeFileSync(`${path}.saving`, "");
  const past = new Date(Date.now() - 60_000);
  utimesSync(`${path}.saving`, past, past);
  const lock = openLock(path);
  lock.record(request("a"), answer("a"));
  lock.save();
  assert.deepEqual(readdirSync(join(path, "..")), ["copse.lock"]);
});

test("a folder that cannot be written to is told", (t) => {
  const path = join(place(t), "absent", "copse.lock");
  assert.throws(
    () => writeLock(path, { base: "", text: "x" }),
    (error) => isCopseError(error, "lock-unwritable") && error.message.includes(path),
  );
});
