import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { type TestDeb, temporaryDirectory, writeDeb } from "../debs-for-tests.ts";
import { formatRootManifest, type ManifestDiversion } from "../root-manifest.ts";
import { unpackDeb } from "../unpacking/unpack-deb.ts";
import { createWorkerPool, type WorkerPool } from "../worker-pool.ts";
import { buildView } from "./build-view.ts";
import { ensureView, removeView, viewDigest } from "./view.ts";

const skip =
  spawnSync("dpkg", ["--version"]).status === 0 && process.getuid?.() === 0
    ? false
    : "the judge `dpkg --root` is missing or may not unpack: install dpkg and run as root";

interface Made {
  readonly directory: string;
  readonly view: () => Promise<string>;
}

/** Unpacks packages, makes a root of them and says how to get its view. */
async function makeRoot(
  t: TestContext,
  debs: readonly TestDeb[],
  options: {
    pool: WorkerPool;
    diversions?: readonly ManifestDiversion[];
    viewsDir?: string;
    onNote?: (text: string) => void;
  },
): Promise<Made> {
  const { pool, diversions = [], onNote } = options;
  const directory = temporaryDirectory(t);
  for (const deb of debs) {
    writeDeb(`${directory}/${deb.name}.deb`, deb);
    await unpackDeb({ debPath: `${directory}/${deb.name}.deb`, target: `${directory}/${deb.name}`, pool });
  }
  mkdirSync(`${directory}/root/delta/etc`, { recursive: true });
  writeFileSync(`${directory}/root/delta/etc/made`, "by triggers");
  const trees = debs.map(({ name }) => `/nix/store/${name}`);
  const manifest = {
    version: 1,
    suite: "s",
    system: "x",
    packageCount: trees.length,
    diversions,
    trees,
  } as const;
  writeFileSync(`${directory}/root/manifest`, formatRootManifest(manifest));
  const realPathOf = (path: string) => path.replace("/nix/store", directory);
  const viewsDir = options.viewsDir ?? `${directory}/views`;
  const view = () =>
    ensureView({ rootRealPath: `${directory}/root`, realPathOf, viewsDir, pool, ...(onNote && { onNote }) });
  return { directory, view };
}

/** Paths with their kinds and contents; without what dpkg and we keep for ourselves. */
function listing(directory: string): string[] {
  const lines: string[] = [];
  const visit = (path: string) => {
    for (const name of readdirSync(directory + path)) {
      const child = `${path}/${name}`;
      if (child === "/var" || child === "/etc/made") continue;
      const status = lstatSync(directory + child);
      if (status.isSymbolicLink()) lines.push(`l ${child} ${readlinkSync(directory + child)}`);
      else if (status.isFile()) lines.push(`f ${child} ${readFileSync(directory + child, "latin1")}`);
      else {
        lines.push(`d ${child}`);
        visit(child);
      }
    }
  };
  visit("");
  return lines.filter((line) => line !== "d /etc").sort();
}

/** What dpkg makes of the same packages, unpacked in the same order. */
function unpackWithDpkg(
  made: Made,
  debs: readonly TestDeb[],
): { root: string; status: number | null; stderr: string } {
  const root = `${made.directory}/judge`;
  for (const path of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"])
    mkdirSync(`${root}/${path}`, { recursive: true });
  writeFileSync(`${root}/var/lib/dpkg/status`, "");
  const files = debs.map(({ name }) => `${made.directory}/${name}.deb`);
  const force = ["--force-depends", "--force-script-chrootless", "--force-bad-path"];
  const run = spawnSync("dpkg", [`--root=${root}`, ...force, "--unpack", ...files], { encoding: "utf8" });
  return { root, status: run.status, stderr: run.stderr };
}

const merging: Readonly<Record<string, readonly TestDeb[]>> = {
  "directories merge, equal files are one": [
    {
      name: "a",
      members: [{ path: "./usr/" }, { path: "./usr/share/" }, { path: "./usr/share/a", contents: "a" }],
    },
    {
      name: "b",
      members: [{ path: "./usr/" }, { path: "./usr/share/" }, { path: "./usr/share/b", contents: "b" }],
    },
  ],
  "the one that replaces has the file, being second": [
    { name: "a", members: [{ path: "./usr/" }, { path: "./usr/x", contents: "a" }] },
    {
      name: "b",
      fields: { Replaces: "a (<< 2)" },
      members: [{ path: "./usr/" }, { path: "./usr/x", contents: "b" }],
    },
  ],
  "the one that replaces has the file, being first": [
    {
      name: "b",
      fields: { Replaces: "a" },
      members: [{ path: "./usr/" }, { path: "./usr/x", contents: "b" }],
    },
    { name: "a", members: [{ path: "./usr/" }, { path: "./usr/x", contents: "a" }] },
  ],
  "a directory goes through a link to one": [
    {
      name: "a",
      members: [
        { path: "./usr/" },
        { path: "./usr/real/" },
        { path: "./usr/real/a", contents: "a" },
        { path: "./usr/alias", type: "2", link: "real" },
      ],
    },
    {
      name: "b",
      members: [{ path: "./usr/" }, { path: "./usr/alias/" }, { path: "./usr/alias/b", contents: "b" }],
    },
  ],
  "a directory is never replaced by a link": [
    {
      name: "a",
      members: [
        { path: "./usr/" },
        { path: "./usr/dir/" },
        { path: "./usr/dir/a", contents: "a" },
        { path: "./usr/real/" },
      ],
    },
    { name: "b", members: [{ path: "./usr/" }, { path: "./usr/dir", type: "2", link: "real" }] },
  ],
};

for (const [name, debs] of Object.entries(merging)) {
  test(`a view holds what dpkg unpacks: ${name}`, { skip }, async (t) => {
    await using pool = createWorkerPool(1);
    const made = await makeRoot(t, debs, { pool });
    const judge = unpackWithDpkg(made, debs);
    assert.equal(judge.status, 0, judge.stderr);
    assert.deepEqual(listing(await made.view()), listing(judge.root));
  });
}

test("two packages with different files of one name are refused, as by dpkg", { skip }, async (t) => {
  await using pool = createWorkerPool(1);
  const debs: TestDeb[] = ["a", "b"].map((name) => ({
    name,
    fields: name === "b" ? { Replaces: "a (<< 1)" } : {},
    members: [{ path: "./usr/" }, { path: "./usr/x", contents: name }],
  }));
  const made = await makeRoot(t, debs, { pool });
  assert.match(unpackWithDpkg(made, debs).stderr, /trying to overwrite/);
  await assert.rejects(made.view(), (error) => {
    assert.ok(isCopseError(error, "root-file-conflict"));
    assert.match(error.message, /\/nix\/store\/a.*\/nix\/store\/b.*`\/usr\/x`$/);
    return true;
  });
  assert.deepEqual(readdirSync(`${made.directory}/views`), []);
});

test("a diverted file goes elsewhere, but not the one of the package that diverts it", async (t) => {
  await using pool = createWorkerPool(1);
  const debs: TestDeb[] = ["a", "b"].map((name) => ({
    name,
    members: [{ path: "./usr/bin/x", contents: name }],
  }));
  const diversions = [{ by: "b", from: "/usr/bin/x", to: "/usr/libexec/x.real" }];
  const view = await (await makeRoot(t, debs, { pool, diversions })).view();
  assert.equal(readFileSync(`${view}/usr/bin/x`, "utf8"), "b");
  assert.equal(readFileSync(`${view}/usr/libexec/x.real`, "utf8"), "a");
});

const one: TestDeb = {
  name: "a",
  members: [
    { path: "./usr/bin/x", contents: "x", mode: 0o755 },
    { path: "./usr/bin/y", type: "2", link: "x" },
  ],
};

test("a view is links, read-only, without what copse keeps, and is made once", async (t) => {
  await using pool = createWorkerPool(2);
  const made = await makeRoot(t, [one], { pool });
  const views = await Promise.all([made.view(), made.view(), made.view()]);
  assert.deepEqual([...new Set(views)], [`${made.directory}/views/root`]);
  assert.deepEqual(readdirSync(`${made.directory}/views`), ["root"]);
  const view = views[0] as string;
  assert.equal(statSync(`${view}/usr/bin/x`).ino, statSync(`${made.directory}/a/usr/bin/x`).ino);
  assert.equal(statSync(`${view}/usr/bin`).mode & 0o777, 0o555);
  assert.equal(statSync(`${view}/usr/bin`).mtimeMs, 1000);
  assert.equal(readFileSync(`${view}/etc/made`, "utf8"), "by triggers");
  assert.ok(!existsSync(`${view}/.copse`));
  const inode = statSync(view).ino;
  assert.equal(statSync(await made.view()).ino, inode);
  removeView(view);
  assert.deepEqual(readdirSync(`${made.directory}/views`), []);
  assert.equal(readFileSync(`${made.directory}/a/usr/bin/x`, "utf8"), "x");
  removeView(view);
});

test("where links cannot be made, files are copied", async (t) => {
  await using pool = createWorkerPool(1);
  const elsewhere = "/dev/shm";
  if (!existsSync(elsewhere) || statSync(elsewhere).dev === statSync(temporaryDirectory(t)).dev)
    return t.skip("one file system only");
  const viewsDir = `${elsewhere}/copse-views-${process.pid}`;
  const notes: string[] = [];
  const made = await makeRoot(t, [one], { pool, viewsDir, onNote: (text) => notes.push(text) });
  const view = await made.view();
  t.after(() => {
    removeView(view);
    removeView(viewsDir);
  });
  assert.equal(readFileSync(`${view}/usr/bin/x`, "utf8"), "x");
  assert.equal(statSync(`${view}/usr/bin/x`).mode & 0o777, 0o555);
  assert.equal(readlinkSync(`${view}/usr/bin/y`), "x");
  assert.match(notes.join("\n"), /^the files of root were copied \(2 files\).*EXDEV/);
});

for (const code of ["EXDEV", "EMLINK", "EPERM", "ENOTSUP", "ENOSYS"]) {
  test(`where a link ends with ${code}, files are copied, with the modes that a view has`, async (t) => {
    await using pool = createWorkerPool(1);
    const { directory } = await makeRoot(t, [one], { pool });
    const source = { kind: "package", label: "a", realPath: `${directory}/a` } as const;
    const task = {
      kind: "build-view",
      sources: [source],
      diversions: [],
      target: `${directory}/copied`,
    } as const;
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));
    const built = buildView(task, () => {
      throw Object.assign(new Error("no link"), { code });
    });
    assert.deepEqual(built, { copiedFiles: 1, reason: code });
    const file = statSync(`${directory}/copied/usr/bin/x`);
    assert.notEqual(file.ino, statSync(`${directory}/a/usr/bin/x`).ino);
    assert.deepEqual([file.mode & 0o777, file.mtimeMs], [0o555, 1000]);
    assert.equal(readlinkSync(`${directory}/copied/usr/bin/y`), "x");
    assert.equal(statSync(`${directory}/copied/usr/bin`).mode & 0o777, 0o555);
    assert.throws(
      () =>
        buildView({ ...task, target: `${directory}/failed` }, () => {
          throw Object.assign(new Error("full"), { code: "ENOSPC" });
        }),
      /full/,
    );
  });
}

test("a umask changes nothing of what is unpacked or merged", async (t) => {
  const umask = process.umask(0o077);
  t.after(() => process.umask(umask));
  // Its threads begin with this umask.
  await using pool = createWorkerPool(1);
  const made = await makeRoot(t, [one], { pool });
  const view = await made.view();
  for (const top of [`${made.directory}/a`, view]) {
    assert.equal(statSync(`${top}/usr/bin/x`).mode & 0o777, 0o555, top);
    assert.equal(statSync(`${top}/usr/bin`).mode & 0o055, 0o055, top);
  }
});

test("a digest knows every difference that counts and none that does not", async (t) => {
  await using pool = createWorkerPool(1);
  const digestOf = async (members: TestDeb["members"], change?: (tree: string) => void) => {
    const { directory } = await makeRoot(t, [{ name: "a", members }], { pool });
    change?.(`${directory}/a`);
    return viewDigest(`${directory}/a/usr`, { pool });
  };
  const same = await digestOf(one.members);
  assert.equal(await digestOf(one.members), same);
  assert.equal(
    await digestOf(one.members, (tree) => linkSync(`${tree}/usr/bin/x`, `${tree}/elsewhere`)),
    same,
  );
  const [file, link] = one.members as [TestDeb["members"][0], TestDeb["members"][0]];
  const others = [
    [{ ...file, contents: "z" }, link],
    [{ ...file, mode: 0o644 }, link],
    [file, { ...link, link: "z" }],
    [file, { ...link, path: "./usr/bin/z" }],
    [file, { ...link, type: "0", contents: "x" }],
    [file, link, { path: "./usr/bin/d/" }],
    [file],
  ];
  const digests = await Promise.all(others.map((members) => digestOf(members)));
  assert.equal(new Set([same, ...digests]).size, others.length + 1);
  assert.equal(
    await digestOf(one.members, (tree) => chmodSync(`${tree}/usr/bin/x`, 0o500)),
    same,
    "modes beyond x",
  );
});
