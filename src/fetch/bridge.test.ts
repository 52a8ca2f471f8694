import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CopseError, isCopseError } from "#base";
import { type Bridge, type BridgeOptions, createBridge } from "./bridge.ts";

const service = new URL("./bridge-service.fixture.ts", import.meta.url);

function open(t: TestContext, options?: BridgeOptions): Bridge {
  const bridge = createBridge(service, options);
  t.after(() => bridge.close());
  return bridge;
}

test("answers come back as values, in the order of the calls", (t) => {
  const bridge = open(t, { data: { a: [1, 2] } });
  assert.deepEqual(bridge.call("data", undefined), { a: [1, 2] });
  assert.equal(bridge.call("slowly", 60), "after 60");
  const large = Array.from({ length: 50_000 }, (_, i) => `name-${i}`);
  assert.deepEqual(bridge.call("echo", large), large);
  for (let i = 0; i < 200; i++) assert.equal(bridge.call("echo", i), i);
});

test("errors arrive as what they are", (t) => {
  const bridge = open(t);
  assert.throws(
    () => bridge.call("refuse", "x"),
    (error) => {
      assert.ok(error instanceof CopseError);
      const { code, message, hint, exitCode, trace } = error;
      assert.deepEqual(
        { code, message, hint, exitCode, trace },
        {
          code: "fixture-refused",
          message: "Refused: `x`",
          hint: "ask again",
          exitCode: 3,
          trace: [{ message: "while asking", span: undefined }].map(({ message: text }) => ({
            message: text,
          })),
        },
      );
      return true;
    },
  );
  assert.throws(() => bridge.call("crash", undefined), { name: "TypeError", message: "thrown from a timer" });
  assert.throws(() => bridge.call("nothing", undefined), /no method nothing/);
  // The thread goes on after all of these.
  assert.equal(bridge.call("echo", "still here"), "still here");
});

test("a service that cannot be loaded or opened says so at the call", (t) => {
  assert.throws(
    () => open(t, { data: "fail" }).call("echo", 1),
    (error) => isCopseError(error, "fixture-fails"),
  );
  const missing = createBridge(new URL("./no-such-service.ts", import.meta.url));
  t.after(() => missing.close());
  assert.throws(() => missing.call("echo", 1), /no-such-service/);
});

test("a thread that hangs is noticed", (t) => {
  const bridge = open(t, { silenceMs: 1500 });
  assert.throws(
    () => bridge.call("hang", undefined),
    (error) => isCopseError(error, "service-stopped"),
  );
});

test("a service writes while its caller sleeps, and does not keep the process", () => {
  const script = `
    import { createBridge } from ${JSON.stringify(new URL("./bridge.ts", import.meta.url).href)};
    const bridge = createBridge(new URL(${JSON.stringify(service.href)}));
    bridge.call("say", "half way\\n");
    console.log(bridge.call("echo", "done"));
  `;
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd,
    encoding: "utf8",
    timeout: 20_000,
  });
  assert.deepEqual([run.status, run.stdout, run.stderr], [0, "done\n", "half way\n"]);
});
