import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { isCopseError } from "#base";
import { fsPath, readDirectory } from "../byte-path.ts";
import { arBytes, type TestMember, tarBytes, temporaryDirectory, writeDeb } from "../debs-for-tests.ts";
import { createWorkerPool } from "../worker-pool.ts";
import { unpackDeb } from "./unpack-deb.ts";
import { unpackPackage } from "./unpack-package.ts";

const hasDpkgDeb = spawnSync("dpkg-deb", ["--version"]).status === 0;
const skip = hasDpkgDeb ? false : "the judge `dpkg-deb` is missing: install dpkg";

/** A tree as lines: kind, path and what it holds; names of merged directories as they are in a root. */
function listing(directory: string, options: { readonly isMerged: boolean }): string[] {
  const lines: string[] = [];
  const visit = (path: string) => {
    for (const { name } of readDirectory(`${directory}${path}`)) {
      const child = `${path}/${name}`;
      if (child === "/.copse") continue;
      const shown = options.isMerged ? child : child.replace(/^\/(bin|lib|lib64|sbin)(?=\/|$)/, "/usr/$1");
      const real = fsPath(`${directory}${child}`);
      const status = lstatSync(real);
      if (status.isDirectory()) {
        lines.push(`d ${shown}`);
        visit(child);
      } else if (status.isSymbolicLink()) lines.push(`l ${shown} ${readlinkSync(real)}`);
      else {
        const contents = readFileSync(real).toString("base64");
        lines.push(`${(status.mode & 0o111) === 0 ? "f" : "x"} ${shown} ${contents}`);
      }
    }
  };
  visit("");
  return [...new Set(lines)].sort();
}

test("unpacks as dpkg-deb does, whatever the compression", { skip }, async (t) => {
  const directory = temporaryDirectory(t);
  const tree = `${directory}/tree`;
  for (const path of ["DEBIAN", "usr/bin", "bin", "usr/share/doc/é", "lib/x"])
    mkdirSync(`${tree}/${path}`, { recursive: true });
  writeFileSync(
    `${tree}/DEBIAN/control`,
    "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: n <n@x>\nDescription: d\n",
  );
  writeFileSync(`${tree}/DEBIAN/postinst`, "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(`${tree}/usr/bin/tool`, "#!/bin/sh\n", { mode: 0o4755 });
  writeFileSync(`${tree}/usr/share/doc/é/readme`, "x".repeat(1_000_000));
  writeFileSync(`${tree}/usr/share/doc/é/${"long".repeat(50)}`, "");
  writeFileSync(`${tree}/lib/x/lib.so.1.2`, "library");
  symlinkSync("lib.so.1.2", `${tree}/lib/x/lib.so.1`);
  symlinkSync("/bin/tool", `${tree}/bin/alias`);
  await using pool = createWorkerPool(2);
  for (const compression of ["xz", "gzip", "zstd", "none"]) {
    const deb = `${directory}/${compression}.deb`;
    const built = spawnSync("dpkg-deb", ["--root-owner-group", `-Z${compression}`, "-b", tree, deb]);
    assert.equal(built.status, 0, String(built.stderr));
    assert.equal(spawnSync("dpkg-deb", ["-x", deb, `${deb}.judge`]).status, 0);
    assert.equal(spawnSync("dpkg-deb", ["-e", deb, `${deb}.control`]).status, 0);
    const target = `${deb}.unpacked`;
    await unpackDeb({ debPath: deb, target, pool });
    const expected = [...listing(`${deb}.judge`, { isMerged: false }), "d /usr/lib"].sort();
    assert.deepEqual(listing(target, { isMerged: true }), [...new Set(expected)], compression);
    assert.deepEqual(
      listing(`${target}/.copse/control`, { isMerged: true }).map((line) => line.slice(2)),
      listing(`${deb}.control`, { isMerged: true }).map((line) => line.slice(2)),
    );
    const tool = statSync(`${target}/usr/bin/tool`);
    assert.equal(tool.mode & 0o7777, 0o555, "set-id and write bits are dropped");
    assert.equal(tool.mtimeMs, 1000);
    assert.equal(lstatSync(`${target}/usr/bin/alias`).mtimeMs, 1000);
    assert.equal(statSync(`${target}/usr`).mtimeMs, 1000);
  }
});

test("hard links stay within the package", async (t) => {
  const directory = temporaryDirectory(t);
  writeDeb(`${directory}/x.deb`, {
    name: "x",
    members: [
      { path: "./bin/a", contents: "a", mode: 0o755 },
      { path: "./usr/bin/b", type: "1", link: "./bin/a" },
    ],
  });
  await unpackDeb({ debPath: `${directory}/x.deb`, target: `${directory}/x` });
  assert.equal(statSync(`${directory}/x/usr/bin/a`).ino, statSync(`${directory}/x/usr/bin/b`).ino);
});

test("links of the merged directories are no links", async (t) => {
  const directory = temporaryDirectory(t);
  writeDeb(`${directory}/x.deb`, {
    name: "base",
    members: [
      { path: "./bin", type: "2", link: "usr/bin" },
      { path: "./usr/bin/" },
      { path: "./bin/a", contents: "a" },
      { path: "./lib/b", type: "2", link: "/usr/lib/b" },
      { path: "./usr/lib/b", contents: "b" },
    ],
  });
  await unpackDeb({ debPath: `${directory}/x.deb`, target: `${directory}/x` });
  assert.deepEqual(listing(`${directory}/x`, { isMerged: true }), [
    "d /usr",
    "d /usr/bin",
    "d /usr/lib",
    "f /usr/bin/a YQ==",
    "f /usr/lib/b Yg==",
  ]);
});

const hostile: readonly (readonly [string, readonly TestMember[], string])[] = [
  ["climbs", [{ path: "../../escaped", contents: "x" }], "tar-invalid"],
  ["is absolute", [{ path: "/escaped", contents: "x" }], "tar-invalid"],
  [
    "writes through a link",
    [
      { path: "d", type: "2", link: "/tmp" },
      { path: "d/escaped", contents: "x" },
    ],
    "deb-member-clash",
  ],
  [
    "makes a directory of a link",
    [{ path: "d", type: "2", link: "/tmp" }, { path: "d/" }],
    "deb-member-clash",
  ],
  [
    "makes a link of a directory",
    [{ path: "d/" }, { path: "d", type: "2", link: "/tmp" }],
    "deb-member-clash",
  ],
  ["links to the host", [{ path: "passwd", type: "1", link: "etc/passwd" }], "deb-member-link"],
  ["links out of itself", [{ path: "passwd", type: "1", link: "../etc/passwd" }], "tar-invalid"],
  [
    "links through a link",
    [
      { path: "d", type: "2", link: "/etc" },
      { path: "p", type: "1", link: "d/passwd" },
    ],
    "deb-member-link",
  ],
  ["has a device", [{ path: "null", type: "3" }], "deb-member-kind"],
  ["has a fifo", [{ path: "pipe", type: "6" }], "deb-member-kind"],
  ["has a name of ours", [{ path: "./.copse/control/postinst", contents: "x" }], "deb-member-path"],
];

test("hostile packages are refused and leave nothing behind", async (t) => {
  const directory = temporaryDirectory(t);
  await using pool = createWorkerPool(1);
  for (const [name, members, code] of hostile) {
    const debPath = `${directory}/hostile.deb`;
    writeDeb(debPath, { name: "hostile", members });
    const attempt = unpackDeb({ debPath, target: `${directory}/out`, pool });
    await assert.rejects(attempt, (error) => {
      assert.ok(isCopseError(error, code), `${name}: ${code}`);
      assert.match(
        error.message,
        /^Cannot unpack a Debian package, at data\.tar\.gz.*: `hostile\.deb`$/s,
        name,
      );
      return true;
    });
    assert.ok(!existsSync(`${directory}/out`), name);
    assert.ok(!existsSync("/tmp/escaped") && !existsSync("/escaped"), name);
  }
});

/** A pax header that gives the next member a name of any length. */
function longName(path: string): TestMember {
  const record = (digits: number) => `${digits} path=${path}\n`;
  let length = record(0).length;
  while (record(length).length !== length) length = record(length).length;
  return { path: "pax", type: "x", contents: record(length) };
}

test("what is nested too deeply, or lies about its size, is refused", async (t) => {
  const directory = temporaryDirectory(t);
  const debPath = `${directory}/x.deb`;
  const attempt = (members: readonly TestMember[], fields?: Readonly<Record<string, string>>) => {
    writeDeb(debPath, { name: "x", members, ...(fields && { fields }) });
    return unpackPackage({ kind: "unpack", debPath, target: `${directory}/out` });
  };
  const refused = (code: string, what: RegExp) => (error: unknown) =>
    isCopseError(error, code) && what.test(error.message);
  const nested = (depth: number) => longName(`./${"d/".repeat(depth)}x`);
  await assert.rejects(attempt([nested(10_000), { path: "x" }]), refused("deb-member-path", /too long/));
  await assert.rejects(
    attempt([nested(400), { path: "x" }]),
    refused("deb-member-path", /nested too deeply/),
  );
  await assert.rejects(
    attempt([{ path: "./a".repeat(1), type: "S" }]),
    refused("tar-invalid", /unsupported/),
  );
  await assert.rejects(
    attempt([{ path: "./huge", sizeBytes: 8_000_000_000 }], { "Installed-Size": "10" }),
    refused("deb-too-large", /data\.tar\.gz, huge: .*more bytes than allowed/),
  );
  await assert.rejects(
    attempt([{ path: "./huge", sizeBytes: 8_000_000_000 }]),
    refused("tar-invalid", /huge.*Truncated/s),
  );
  assert.ok(!existsSync(`${directory}/out`));
});

test("control files have plain names, each once", async (t) => {
  const directory = temporaryDirectory(t);
  for (const name of ["../x", "a/b", "control", "sp ace", ".hidden"]) {
    const control = tarBytes([
      { path: "./control", contents: "Package: x\n" },
      { path: `./${name}`, contents: "y" },
    ]);
    const deb = arBytes({
      "debian-binary": Buffer.from("2.0\n"),
      "control.tar": control,
      "data.tar": tarBytes([]),
    });
    writeFileSync(`${directory}/x.deb`, deb);
    const task = { kind: "unpack", debPath: `${directory}/x.deb`, target: `${directory}/out` } as const;
    await assert.rejects(unpackPackage(task), (error) => {
      assert.ok(isCopseError(error), name);
      assert.match(error.message, /at control\.tar.*`x\.deb`$/s);
      return true;
    });
  }
});

test("cut off anywhere, a package is refused", async (t) => {
  const directory = temporaryDirectory(t);
  const deb = `${directory}/whole.deb`;
  writeDeb(deb, { name: "x", members: [{ path: "./x", contents: "x".repeat(5000) }] });
  const whole = readFileSync(deb);
  for (let length = 0; length < whole.length - 1; length += 13) {
    writeFileSync(`${directory}/x.deb`, whole.subarray(0, length));
    await assert.rejects(
      unpackPackage({ kind: "unpack", debPath: `${directory}/x.deb`, target: `${directory}/out` }),
      (error) => isCopseError(error) && /`x\.deb`$/.test(error.message),
      `${length} bytes`,
    );
    assert.ok(!existsSync(`${directory}/out`));
  }
});

test("the size of what is unpacked is bounded", async (t) => {
  const directory = temporaryDirectory(t);
  const debPath = `${directory}/x.deb`;
  writeDeb(debPath, {
    name: "x",
    members: [1, 2, 3].map((n) => ({ path: `./${n}`, contents: Buffer.alloc(1000) })),
  });
  const target = `${directory}/out`;
  const refused = (error: unknown) => isCopseError(error, "deb-too-large");
  await assert.rejects(unpackDeb({ debPath, target, limits: { maxBytes: 2999, maxMembers: 9 } }), refused);
  await assert.rejects(unpackDeb({ debPath, target, limits: { maxBytes: 9999, maxMembers: 2 } }), refused);
  await unpackDeb({ debPath, target, limits: { maxBytes: 3000, maxMembers: 3 } });
});

test("what is no package is refused", async (t) => {
  const directory = temporaryDirectory(t);
  const control = tarBytes([{ path: "control", contents: "Package: x\n" }]);
  const version = Buffer.from("2.0\n");
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ["empty", Buffer.alloc(0), "ar-invalid"],
    ["no members", arBytes({}), "deb-invalid"],
    ["another version", arBytes({ "debian-binary": Buffer.from("3.0\n") }), "deb-invalid"],
    ["no control", arBytes({ "debian-binary": version, "data.tar": tarBytes([]) }), "deb-invalid"],
    ["no data", arBytes({ "debian-binary": version, "control.tar": control }), "deb-invalid"],
    [
      "control without control",
      arBytes({ "debian-binary": version, "control.tar": tarBytes([]) }),
      "deb-invalid",
    ],
    [
      "control in a directory",
      arBytes({ "debian-binary": version, "control.tar": tarBytes([{ path: "a/control" }]) }),
      "deb-invalid",
    ],
  ];
  for (const [name, bytes, code] of cases) {
    writeFileSync(`${directory}/x.deb`, bytes);
    const attempt = unpackDeb({ debPath: `${directory}/x.deb`, target: `${directory}/out` });
    await assert.rejects(attempt, (error) => isCopseError(error, code), name);
    assert.ok(!existsSync(`${directory}/out`), name);
  }
});

test("a cancelled unpacking ends at once and leaves nothing behind", async (t) => {
  const directory = temporaryDirectory(t);
  const members = Array.from({ length: 20_000 }, (_, n) => ({ path: `./usr/share/${n}`, contents: "x" }));
  writeDeb(`${directory}/x.deb`, { name: "x", members });
  await using pool = createWorkerPool(1);
  const abort = new AbortController();
  const target = `${directory}/out`;
  const attempt = unpackDeb({ debPath: `${directory}/x.deb`, target, pool, signal: abort.signal });
  const timer = setInterval(() => existsSync(`${target}/usr`) && abort.abort(new Error("enough")), 1);
  await assert.rejects(attempt, /enough/);
  clearInterval(timer);
  assert.ok(!existsSync(target));
  // The pool has a thread again.
  writeDeb(`${directory}/y.deb`, { name: "y", members: [{ path: "./y", contents: "y" }] });
  await unpackDeb({ debPath: `${directory}/y.deb`, target: `${directory}/y`, pool });
});
