/** Services: started when what they need is ready, left running, stopped with all that they have started. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { failure, output, project, write } from "../world.ts";

const MANIFEST = `name = "services"

[services.first]
run = "sleep 1; touch first.ready; sleep 1000 & echo $! > first.child; wait"
ready = { command = "test -e first.ready" }

[services.second]
run = "test -e first.ready && echo $MODE && exec sleep 1000"
env = { MODE = "after the first" }
depends = ["first"]

[services.broken]
run = "echo cannot; exit 3"
ready = { command = "false" }

[services.slow]
run = "echo $$ > slow.pid; sleep 1000"
ready = { command = "test -e never" }
timeout = 1
`;

interface Listed {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
}

async function states(cwd: string): Promise<Record<string, string>> {
  const listed = JSON.parse(await output(["ps", "--json"], { cwd })) as Listed[];
  return Object.fromEntries(listed.map(({ name, state }) => [name, state]));
}

/** A machine's first process need not collect those that have ended. */
function lives(pid: string): boolean {
  const file = `/proc/${pid.trim()}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, "latin1"));
}

test("services start in order, stay, and end with what they started", async () => {
  const cwd = project();
  write(cwd, { "copse.toml": MANIFEST });
  try {
    assert.match(
      await output(["up", "second"], { cwd }),
      /^first: ready, process \d+\nsecond: started, process \d+\n$/,
    );
    assert.deepEqual(await states(cwd), {
      first: "running",
      second: "running",
      broken: "stopped",
      slow: "stopped",
    });
    assert.match(await output(["up", "first"], { cwd }), /runs already/);
    assert.equal(await output(["logs", "second"], { cwd }), "after the first\n");
    const child = readFileSync(join(cwd, "first.child"), "utf8");
    assert.ok(lives(child));
    assert.equal(await output(["down", "first"], { cwd }), "second: stopped\nfirst: stopped\n");
    assert.ok(!lives(child));
    assert.equal((await states(cwd))["first"], "stopped");
  } finally {
    await output(["down"], { cwd });
  }
});

test("what does not come up is told with its log, and nothing of it stays", async () => {
  const cwd = project();
  write(cwd, { "copse.toml": MANIFEST });
  const broken = await failure(["up", "broken"], { cwd });
  assert.match(broken, /service-ended.*> cannot/s);
  assert.match(await failure(["up", "slow"], { cwd }), /service-late.*not ready in 1 seconds/s);
  assert.ok(!lives(readFileSync(join(cwd, "slow.pid"), "utf8")));
  assert.deepEqual(new Set(Object.values(await states(cwd))), new Set(["stopped"]));
  assert.match(await failure(["up", "secnd"], { cwd }), /did you mean second/);
});

test("a port that somebody else listens on is not taken for a service that is ready", async () => {
  const cwd = project();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  write(cwd, { "copse.toml": `[services.web]\nrun = "sleep 1000"\nready = { port = ${port} }\n` });
  try {
    assert.match(await failure(["up"], { cwd }), /service-port-taken/);
    assert.deepEqual(await states(cwd), { web: "stopped" });
  } finally {
    server.close();
  }
});
