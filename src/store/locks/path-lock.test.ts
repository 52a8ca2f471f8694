import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LockStock } from "./lock-stock.ts";
import { lockPaths } from "./path-lock.ts";

const top = mkdtempSync(join(tmpdir(), "copse-path-lock-"));
after(() => rmSync(top, { recursive: true, force: true }));

let count = 0;
function place(): { directory: string; stock: LockStock } {
  const directory = join(top, String(count++));
  mkdirSync(join(directory, "stock"), { recursive: true });
  let serial = 0;
  return { directory, stock: new LockStock(() => join(directory, "stock", String(serial++))) };
}

/** flock(1) as the judge: whether it could have the lock of that file. */
const isFree = (file: string) => spawnSync("flock", ["-n", "-x", file, "true"]).status === 0;

for (const hasStock of [false, true]) {
  describe(hasStock ? "locks from a stock" : "locks by a process each", () => {
    const setUp = () => {
      const { directory, stock } = place();
      const lock = (names: string[], signal?: AbortSignal) =>
        lockPaths(
          names.map((name) => join(directory, name)),
          signal,
          hasStock ? stock : undefined,
        );
      return { directory, stock, lock };
    };

    test("others can't have it until it is given up, and the file is gone then", async () => {
      const { directory, stock, lock } = setUp();
      for (let round = 0; round < 5; round++) {
        const names = ["a", "b", `c${round}`];
        const held = await lock(names);
        for (const name of names) assert.equal(isFree(join(directory, `${name}.lock`)), false, name);
        held[Symbol.dispose]();
        assert.deepEqual(readdirSync(directory), ["stock"]);
      }
      stock[Symbol.dispose]();
      assert.deepEqual(readdirSync(join(directory, "stock")), []);
      assert.deepEqual(await lock(["a"]).then((held) => held[Symbol.dispose]()), undefined);
    });

    test("a second caller waits until the first is done, in the same process and in another", async () => {
      const { directory, lock } = setUp();
      const order: string[] = [];
      const first = await lock(["a"]);
      const second = lock(["a"]).then((held) => {
        order.push("second");
        held[Symbol.dispose]();
      });
      const other = spawn("flock", ["-x", join(directory, "a.lock"), "true"], { stdio: "ignore" });
      const otherEnded = new Promise((resolve) => other.once("close", () => resolve(order.push("other"))));
      await sleep(100);
      order.push("first done");
      first[Symbol.dispose]();
      await Promise.all([second, otherEnded]);
      assert.equal(order[0], "first done");
      assert.equal(order.length, 3);
    });

    test("many at once, some of them the same", async () => {
      const { directory, lock } = setUp();
      const inside = new Map<string, number>();
      await Promise.all(
        Array.from({ length: 60 }, async (_, number) => {
          const names = [`x${number % 7}`, `y${number % 50}`];
          const held = await lock(names);
          for (const name of names) {
            inside.set(name, (inside.get(name) ?? 0) + 1);
            assert.equal(inside.get(name), 1, name);
          }
          await sleep(1);
          for (const name of names) inside.set(name, 0);
          held[Symbol.dispose]();
        }),
      );
      assert.deepEqual(readdirSync(directory), ["stock"]);
    });

    test("a file that somebody left is taken over", async () => {
      const { directory, lock } = setUp();
      writeFileSync(join(directory, "a.lock"), "");
      const held = await lock(["a"]);
      assert.equal(isFree(join(directory, "a.lock")), false);
      held[Symbol.dispose]();
      assert.equal(existsSync(join(directory, "a.lock")), false);
    });

    test("waiting can be given up", async () => {
      const { lock } = setUp();
      using _held = await lock(["a"]);
      const abort = new AbortController();
      const waiting = lock(["a", "b"], abort.signal);
      setTimeout(() => abort.abort(), 20);
      await assert.rejects(waiting, { name: "AbortError" });
      // What it had, it gave back.
      (await lock(["b"]))[Symbol.dispose]();
    });

    test("a process that is killed gives up all that it has", async () => {
      const { directory } = setUp();
      const modules = ["lock-stock.ts", "path-lock.ts"].map((name) =>
        JSON.stringify(new URL(name, import.meta.url).href),
      );
      const script = `const { LockStock } = await import(${modules[0]}); const { lockPaths } = await import(${modules[1]});
        let serial = 0; const stock = ${hasStock} ? new LockStock(() => ${JSON.stringify(`${directory}/stock/`)} + serial++) : undefined;
        for (const name of ["a", "b", "c", "d"]) globalThis[name] = await lockPaths([${JSON.stringify(`${directory}/`)} + name], undefined, stock);
        console.log("held"); setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", script]);
      await new Promise((resolve) => child.stdout.once("data", resolve));
      for (const name of ["a", "b", "c", "d"]) assert.equal(isFree(join(directory, `${name}.lock`)), false);
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
      for (const name of ["a", "b", "c", "d"]) assert.equal(isFree(join(directory, `${name}.lock`)), true);
    });

    test("where the folder is missing, that is what is said", async () => {
      const { directory, lock } = setUp();
      rmSync(directory, { recursive: true });
      await assert.rejects(
        lock(["a"]),
        (error: { cause?: { code?: string } }) => error.cause?.code === "ENOENT",
      );
    });
  });
}
