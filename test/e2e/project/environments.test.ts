/** Several environments of one project: the default one, and those of [env], which add to it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { failure, output } from "../world.ts";
import { lockOf, openPythonWorld, type PythonWorld } from "./python-project.ts";

const MANIFEST = `name = "several"

[python]
packages = ["alpha"]

[python.groups]
dev = ["epsilon"]
docs = ["delta"]

[variables]
MODE = "plain"
KEPT = "yes"

[env.gpu]
system.packages = ["hello"]
variables = { MODE = "gpu" }

[env.docs]
python.groups = ["docs"]

[tasks]
names = 'python3 -c "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))"; echo $MODE $KEPT'
greet = { run = "hello; echo $MODE", environment = "gpu" }
both = { run = "echo $MODE", depends = ["greet"] }
`;

let python: PythonWorld;
let at: ReturnType<PythonWorld["project"]>;
before(async () => {
  python = await openPythonWorld();
  at = python.project(MANIFEST);
});
after(() => python.index.close());

test("each has what stands above, its own, and its groups alone", async () => {
  assert.equal(await output(["run", "names"], at), "alpha beta epsilon\nplain yes\n");
  assert.equal(await output(["run", "-e", "gpu", "names"], at), "alpha beta epsilon\ngpu yes\n");
  assert.equal(await output(["run", "-e", "docs", "names"], at), "alpha beta delta\nplain yes\n");
  const { python: sections } = JSON.parse(lockOf(at));
  assert.equal(Object.keys(sections).length, 1);
  await output(["run", "--frozen", "-e", "gpu", "true"], at);
});

test("a task runs in the environment that it names, what it depends on in its own", async () => {
  assert.equal(await output(["run", "greet"], at), "Hello, world!\ngpu\n");
  assert.equal(await output(["run", "both"], at), "Hello, world!\ngpu\nplain\n");
  assert.match(await failure(["run", "hello"], { ...at, code: 127 }), /command-not-found/);
});

test("a shell is of the environment that is named", async () => {
  const shell = (args: readonly string[]) =>
    output(["shell", ...args], { ...at, input: "echo $MODE; exit\n" });
  assert.match(await shell([]), /plain/);
  assert.match(await shell(["-e", "gpu"]), /gpu/);
  assert.match(
    await failure(["shell", "-e", "gpo"], at),
    /error\[environment-unknown\].*did you mean gpu\?/s,
  );
});
