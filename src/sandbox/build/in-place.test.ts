import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type InPlaceSpec, runInPlace } from "./in-place.ts";
import { findPerl } from "./launcher.ts";

const top = mkdtempSync(join(tmpdir(), "copse-in-place-"));
after(() => rmSync(top, { recursive: true, force: true }));
const starters = findPerl() === undefined ? (["util-linux"] as const) : (["perl", "util-linux"] as const);

let serial = 0;
for (const starter of starters) {
  describe(`in place, started by ${starter}`, () => {
    const run = async (line: string, changes: Partial<InPlaceSpec> = {}, abortAt?: string) => {
      const directory = join(top, `${starter}-${serial++}`);
      mkdirSync(directory);
      let output = "";
      const controller = new AbortController();
      const spec: InPlaceSpec = {
        env: { NIX_BUILD_TOP: directory, PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
        argv: ["/bin/sh", "-c", line],
        directory,
        system: "x86_64-linux",
        filterSyscalls: true,
        starter,
        ...changes,
      };
      const onOutput = (chunk: Uint8Array) => {
        output += Buffer.from(chunk).toString("latin1");
        if (abortAt !== undefined && output.includes(abortAt)) controller.abort(new Error("stopped"));
      };
      const result = await runInPlace(spec, { onOutput, signal: controller.signal }).catch(
        (error: Error) => error.message,
      );
      return { directory, output, result };
    };

    test("exit code, both outputs in order, and where it starts", async () => {
      const { directory, output, result } = await run("echo 1; echo 2 >&2; pwd; umask; ulimit -S -c; exit 7");
      assert.equal(output, `1\n2\n${directory}\n0022\n0\n`);
      assert.deepEqual(result, { exitCode: 7, signal: null });
    });

    test("the environment is exactly the one that is given, byte for byte", async () => {
      const env = { odd: "\xff\n'1'", IFS: "x", "with-dash": "2" };
      const { output } = await run("", { env, argv: ["/usr/bin/env", "-0"] });
      assert.deepEqual(output.split("\0").sort(), ["", "IFS=x", "odd=\xff\n'1'", "with-dash=2"]);
    });

    test("as another user", { skip: process.getuid?.() !== 0 && "takes root" }, async () => {
      const { output } = await run("id -u; id -g; id -G; grep NoNewPrivs /proc/self/status", {
        user: { uid: 1234, gid: 1235 },
        directory: "/",
      });
      assert.equal(output, "1234\n1235\n1235\nNoNewPrivs:\t1\n");
    });

    // To be found by the length of its sleep.
    const marked = () => `${200_000 + process.pid}.${serial++}`;

    test("what the builder leaves behind ends with it", async () => {
      const mark = marked();
      const { result } = await run(`setsid sh -c '(sleep ${mark} &) & sleep ${mark}' & sleep 0.2; exit 0`);
      assert.deepEqual(result, { exitCode: 0, signal: null });
      assert.deepEqual(processesWith(mark), []);
    });

    test("aborting ends every process before it returns", async () => {
      const mark = marked();
      const { result } = await run(`(sleep ${mark} &) & echo ready; exec sleep ${mark}`, {}, "ready");
      assert.equal(result, "stopped");
      assert.deepEqual(processesWith(mark), []);
    });

    test("who closes the output has ended", {
      skip: starter !== "perl" && "told by perl's starter only",
    }, async () => {
      const { output, result } = await run("echo 1; exec > /dev/null 2>&1; sleep 1000");
      assert.equal(output, "1\n");
      const byKernel = { exitCode: null, signal: "SIGKILL" };
      assert.deepEqual(result, process.getuid?.() === 0 ? { exitCode: 137, signal: null } : byKernel);
    });

    test("a builder that is not there", async () => {
      const { output, result } = await run("", { argv: ["/none/sh"] });
      assert.equal(output, "error: executing '/none/sh': No such file or directory\n");
      assert.deepEqual(result, { exitCode: 1, signal: null });
    });
  });
}

function processesWith(mark: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(mark);
      } catch {
        return false; // It is gone meanwhile.
      }
    });
}
