import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import type { Environment } from "#build/warm";
import { findKernels, kernelsNamed } from "./find-kernels.ts";
import { installKernel, listInstalled, removeKernel } from "./kernel-folder.ts";
import { formatKernelSpec, parseKernelSpec } from "./kernel-spec.ts";

/** An environment whose store lies elsewhere than its paths say. */
function environment(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  links: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "copse-kernels-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const place = (path: string) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(place(path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, place(path));
  const described: Environment = {
    ...{
      name: "e",
      drvPath: "",
      passAsFile: [],
      structured: undefined,
      shellHook: "",
      bash: undefined,
      requires: [],
    },
    root: { path: "/nix/store/root", viewDir: join(folder, "view") },
    store: { prefix: folder, storeDir: "/nix/store", realStoreDir: join(folder, "store"), copseDir: folder },
    variables: { JUPYTER_PATH: "/nix/store/r-library/share/jupyter" },
    path: ["/nix/store/python-env/bin"],
  };
  return { folder, described };
}

const spec = (program: string) =>
  JSON.stringify({
    argv: [program, "-f", "{connection_file}"],
    display_name: "K",
    language: "k",
    interrupt_mode: "signal",
    metadata: { debugger: true },
  });

test("kernels of inputs, of variables and of the root, through links of the inside", (t) => {
  const { described } = environment(
    t,
    {
      "view/usr/share/jupyter/kernels/python3/kernel.json": spec("of-the-root"),
      "view/usr/share/jupyter/kernels/octave/kernel.json": spec("octave"),
      "view/usr/share/jupyter/kernels/.hidden/kernel.json": spec("hidden"),
      "store/wheel/kernel.json": spec("/usr/bin/python3"),
      "store/wheel/logo-64x64.png": "png",
      "store/wheel/secret.txt": "no",
      "store/irkernel/kernelspec/kernel.json": spec("R"),
    },
    {
      "store/python-env/share/jupyter/kernels/python3/kernel.json": "/nix/store/wheel/kernel.json",
      "store/python-env/share/jupyter/kernels/python3/logo-64x64.png": "../../../../../wheel/logo-64x64.png",
      "store/python-env/share/jupyter/kernels/python3/secret.txt": "/nix/store/wheel/secret.txt",
      "store/python-env/share/jupyter/kernels/loop": "loop",
      "store/r-library/share/jupyter/kernels/ir": "/nix/store/irkernel/kernelspec",
    },
  );
  const kernels = findKernels(described);
  assert.deepEqual(
    kernels.map(({ name, spec: { argv }, resources }) => [name, argv[0], [...resources.keys()]]),
    [
      ["ir", "R", []],
      ["octave", "octave", []],
      ["python3", "/usr/bin/python3", ["logo-64x64.png"]],
    ],
  );
  assert.throws(
    () => kernelsNamed(kernels, ["julia"]),
    (error) => isCopseError(error, "kernel-missing"),
  );
  assert.throws(
    () => kernelsNamed([], []),
    (error) => isCopseError(error, "kernel-missing"),
  );
});

test("what is in a description stays in it", () => {
  const text = formatKernelSpec(parseKernelSpec(spec("R"), "here"));
  assert.deepEqual(JSON.parse(text), JSON.parse(spec("R")));
});

for (const text of ["", "[]", "{}", '{"argv":[]}', '{"argv":[1]}', '{"argv":["R",{}]}', '{"argv":"R"}'])
  test(`refused: ${text}`, () => {
    assert.throws(
      () => parseKernelSpec(text, "here"),
      (error) => isCopseError(error, "kernel-invalid"),
    );
  });

test("installed, listed, installed again, removed; what is another's stays", (t) => {
  const { folder, described } = environment(t, {
    "view/usr/share/jupyter/kernels/ir/kernel.json": spec("R"),
    "shell/bin/R": "",
    "kernels/theirs/kernel.json": spec("R"),
    "kernels/broken/kernel.json": "{",
    "kernels/mine-other/notes": "",
  });
  const [kernel] = findKernels(described);
  assert.ok(kernel);
  const kernels = join(folder, "kernels");
  const install = (name: string, environmentFolder = join(folder, "shell")) =>
    installKernel(kernels, {
      ...{ kernel, name, label: "mine", project: "/p", environment: environmentFolder },
      keep: (link) => {
        rmSync(link, { force: true });
        symlinkSync(environmentFolder, link);
      },
    });
  install("mine-ir");
  install("mine-ir");
  assert.deepEqual(
    listInstalled(kernels).map(({ name, displayName, origin, isThere }) => [
      name,
      displayName,
      origin.project,
      isThere,
    ]),
    [["mine-ir", "K (mine)", "/p", true]],
  );
  for (const name of ["theirs", "broken", "mine-other"])
    assert.throws(
      () => install(name),
      (error) => isCopseError(error, "kernel-occupied"),
      name,
    );
  assert.throws(
    () => install("new", folder),
    (error) => isCopseError(error, "kernel-invalid"),
  );
  assert.ok(!existsSync(join(kernels, "new")));
  for (const name of ["theirs", "..", "mine-ir/..", "gone"])
    assert.throws(
      () => removeKernel(kernels, name),
      (error) => isCopseError(error, "kernel-missing"),
      name,
    );
  rmSync(join(folder, "shell"), { recursive: true });
  assert.equal(listInstalled(kernels)[0]?.isThere, false);
  removeKernel(kernels, "mine-ir");
  assert.deepEqual(listInstalled(kernels), []);
});
