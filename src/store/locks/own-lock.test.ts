import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lockAmongOwn } from "./own-lock.ts";

const directory = mkdtempSync(join(tmpdir(), "copse-own-lock-"));
after(() => rmSync(directory, { recursive: true }));

test("a second caller waits until the first is done", async () => {
  const order: string[] = [];
  const first = await lockAmongOwn(directory, ["a", "b"]);
  const second = lockAmongOwn(directory, ["b"]).then((lock) => {
    order.push("second");
    lock[Symbol.dispose]();
  });
  await new Promise((resolve) => setTimeout(resolve, 60));
  order.push("first done");
  first[Symbol.dispose]();
  await second;
  assert.deepEqual(order, ["first done", "second"]);
});

test("waiting can be given up", async () => {
  using _held = await lockAmongOwn(directory, ["c"]);
  const abort = new AbortController();
  const waiting = lockAmongOwn(directory, ["c"], abort.signal);
  abort.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});

test("a holder that is killed gives its lock up", async () => {
  const script = `const { lockAmongOwn } = await import(${JSON.stringify(new URL("./own-lock.ts", import.meta.url).href)});
    globalThis.lock = await lockAmongOwn(${JSON.stringify(directory)}, ["d"]); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    script,
  ]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const abort = new AbortController();
  const waiting = lockAmongOwn(directory, ["d"], abort.signal);
  child.kill("SIGKILL");
  (await waiting)[Symbol.dispose]();
});
