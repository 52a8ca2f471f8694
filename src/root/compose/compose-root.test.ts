import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { isCopseError } from "#base";
import { type TestDeb, temporaryDirectory, writeDeb } from "../debs-for-tests.ts";
import { parseRootManifest } from "../root-manifest.ts";
import type { RunInView } from "../run-in-view.ts";
import { unpackDeb } from "../unpacking/unpack-deb.ts";
import { viewDigest } from "../views/view.ts";
import { createWorkerPool } from "../worker-pool.ts";
import { composeRoot } from "./compose-root.ts";

const tool = { contents: "#!/bin/sh\n", mode: 0o755 };

/** Stand-ins for the packages whose `postinst` matters. */
const debs: readonly TestDeb[] = [
  {
    name: "base-passwd",
    members: [
      {
        path: "./usr/share/base-passwd/passwd.master",
        contents: "root:*:0:0:root:/root:/bin/bash\nnobody:*:65534:65534::/:/x\n",
      },
      { path: "./usr/share/base-passwd/group.master", contents: "root:*:0:\nnogroup:*:65534:\n" },
      {
        path: "./usr/lib/sysusers.d/x.conf",
        contents: '# note\nu svc - "A service" /srv\ng grp 70\nu fixed 71:grp "" - /bin/sh\n',
      },
    ],
  },
  {
    name: "libc-bin",
    members: [
      { path: "./usr/share/libc-bin/nsswitch.conf", contents: "passwd: files\n" },
      { path: "./sbin/ldconfig", ...tool },
      { path: "./lib64/ld.so", contents: "" },
      { path: "./var/run/" },
    ],
  },
  {
    name: "libblas3",
    members: [{ path: "./usr/lib/blas/libblas.so.3", contents: "slow" }],
    scripts: {
      postinst: "update-alternatives --install /usr/lib/libblas.so.3 blas /usr/lib/blas/libblas.so.3 10\n",
    },
  },
  {
    name: "libopenblas0",
    members: [{ path: "./usr/lib/openblas/libblas.so.3", contents: "fast" }],
    scripts: {
      postinst: "update-alternatives --install /lib/libblas.so.3 blas /usr/lib/openblas/libblas.so.3 100\n",
    },
  },
  {
    name: "python3",
    members: [
      { path: "./usr/bin/python3", type: "2", link: "python3.11" },
      { path: "./usr/bin/python3.11", ...tool },
    ],
  },
  {
    name: "r-base-core",
    members: [
      { path: "./usr/lib/R/etc/Renviron.ucf", contents: "A=1\nR_PAPERSIZE_USER=$" + "{R_PAPERSIZE}\n" },
    ],
  },
  {
    name: "ca-certificates",
    members: [
      { path: "./usr/share/ca-certificates/mozilla/B (x).crt", contents: "BBB" },
      { path: "./usr/share/ca-certificates/mozilla/A.crt", contents: "AAA\n" },
      { path: "./usr/bin/openssl", ...tool },
    ],
  },
  {
    name: "diverter",
    members: [{ path: "./usr/bin/python3.11", contents: "wrapper", mode: 0o755 }],
    scripts: {
      preinst:
        "dpkg-divert --package diverter --add --rename --divert /usr/bin/python3.11.real /usr/bin/python3.11\n",
    },
  },
  {
    name: "with-ucf",
    members: [{ path: "./usr/share/with-ucf/default.conf", contents: "setting\n" }],
    scripts: {
      postinst:
        'case "$1" in configure) ucf --three-way /usr/share/with-ucf/default.conf /etc/with-ucf.conf;; esac\n',
    },
  },
];

/** Plays the programs: writes into the directory that is bound, and notes what the view was like. */
function fakeRunner(seen: string[]): RunInView {
  return async (viewDir, argv, { binds, env }) => {
    const output = binds[0]?.source as string;
    seen.push(argv.join(" "));
    assert.equal(env["SOURCE_DATE_EPOCH"], "1");
    if (argv[0] === "/usr/sbin/ldconfig") {
      const blas = readFileSync(`${viewDir}${readlinkSync(`${viewDir}/etc/alternatives/blas`)}`, "utf8");
      writeFileSync(`${output}/ld.so.cache`, `cache with ${blas}`);
      writeFileSync(`${output}/ld.so.cache~`, "left over");
    } else {
      assert.ok(lstatSync(`${output}/A.pem`).isSymbolicLink());
      writeFileSync(`${output}/0a1b2c3d.0`, "");
    }
    return { exitCode: 0, stdout: Buffer.alloc(0), stderr: "" };
  };
}

test("a root is a manifest and what triggers make, the same every time", async (t) => {
  const directory = temporaryDirectory(t);
  await using pool = createWorkerPool(2);
  for (const deb of debs) {
    writeDeb(`${directory}/x.deb`, deb);
    await unpackDeb({ debPath: `${directory}/x.deb`, target: `${directory}/${deb.name}`, pool });
  }
  const compose = async (name: string, runInView: RunInView) => {
    mkdirSync(`${directory}/work-${name}`);
    const trees = (names: readonly string[]) =>
      names.map((tree) => ({ storePath: `/nix/store/${tree}`, realPath: `${directory}/${tree}` }));
    await composeRoot({
      packages: trees(debs.map((deb) => deb.name)),
      bytecode: trees(["bytecode"]),
      suite: "bookworm",
      system: "x86_64-linux",
      target: `${directory}/${name}`,
      workDir: `${directory}/work-${name}`,
      runInView,
      pool,
    });
    return `${directory}/${name}`;
  };
  const seen: string[] = [];
  const root = await compose("one", fakeRunner(seen));
  const delta = `${root}/delta`;
  const text = (path: string) => readFileSync(`${delta}${path}`, "utf8");
  const link = (path: string) => readlinkSync(`${delta}${path}`);

  await t.test("manifest", () => {
    const manifest = parseRootManifest(readFileSync(`${root}/manifest`, "utf8"));
    assert.equal(manifest.packageCount, debs.length);
    assert.deepEqual(manifest.trees, [
      ...debs.map(({ name }) => `/nix/store/${name}`),
      "/nix/store/bytecode",
    ]);
    assert.deepEqual(manifest.diversions, [
      { by: "diverter", from: "/usr/bin/python3.11", to: "/usr/bin/python3.11.real" },
    ]);
    assert.equal(text("/etc/copse/trees").split("\n").length, debs.length + 2);
    assert.equal(lstatSync(`${root}/manifest`).mode & 0o777, 0o444);
  });
  await t.test("layout", () => {
    assert.deepEqual([link("/bin"), link("/lib64"), link("/var/run")], ["usr/bin", "usr/lib64", "/run"]);
    for (const path of ["/proc", "/dev", "/tmp", "/nix"]) assert.ok(lstatSync(delta + path).isDirectory());
    for (const path of ["/etc/resolv.conf", "/etc/hosts", "/etc/localtime"])
      assert.ok(lstatSync(delta + path).isFile());
    assert.equal(text("/etc/nsswitch.conf"), "passwd: files\n");
    assert.equal(text("/etc/with-ucf.conf"), "setting\n");
    assert.ok(!existsSync(`${delta}/etc/environment`) && !existsSync(`${delta}/etc/shadow`));
  });
  await t.test("accounts", () => {
    assert.deepEqual(text("/etc/passwd").trimEnd().split("\n").slice(2), [
      "svc:!*:999:999:A service:/srv:/usr/sbin/nologin",
      "fixed:!*:71:70::/:/bin/sh",
    ]);
    assert.deepEqual(text("/etc/group").trimEnd().split("\n").slice(2), ["svc:x:999:", "grp:x:70:"]);
  });
  await t.test("alternatives and languages", () => {
    assert.equal(link("/usr/lib/libblas.so.3"), "/etc/alternatives/blas");
    assert.equal(link("/etc/alternatives/blas"), "/usr/lib/openblas/libblas.so.3");
    assert.equal(link("/usr/bin/python"), "python3");
    assert.ok(existsSync(`${delta}/usr/local/lib/python3.11/dist-packages`));
    assert.equal(text("/etc/R/Renviron"), "A=1\nR_PAPERSIZE_USER=$" + "{R_PAPERSIZE-'a4'}\n");
  });
  await t.test("certificates", () => {
    assert.equal(text("/etc/ssl/certs/ca-certificates.crt"), "AAA\nBBB\n");
    assert.equal(link("/etc/ssl/certs/B_=x=.pem"), "/usr/share/ca-certificates/mozilla/B (x).crt");
    assert.ok(existsSync(`${delta}/etc/ssl/certs/0a1b2c3d.0`));
  });
  await t.test("programs", () => {
    assert.deepEqual(seen.sort(), [
      "/usr/bin/openssl rehash /copse/output",
      "/usr/sbin/ldconfig -X -C /copse/output/ld.so.cache",
    ]);
    assert.equal(text("/etc/ld.so.cache"), "cache with fast");
    assert.ok(!existsSync(`${delta}/etc/ld.so.cache~`));
  });
  await t.test("dpkg's books", () => {
    const status = text("/var/lib/dpkg/status");
    assert.match(status, /^Package: base-passwd\nStatus: install ok installed\nVersion: 1\.0\n/);
    assert.equal(status.match(/^Package: /gm)?.length, debs.length);
  });
  await t.test("again, from a copy elsewhere", async () => {
    const digest = await viewDigest(root, { pool });
    for (const deb of debs) {
      cpSync(`${directory}/${deb.name}`, `${directory}/copy/${deb.name}`, {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
    const again = await compose("two", fakeRunner([]));
    assert.equal(await viewDigest(again, { pool }), digest);
    assert.deepEqual(readdirSync(`${directory}/work-two`).includes("view"), false);
  });
  await t.test("a program that fails", async () => {
    const failing: RunInView = async () => ({ exitCode: 3, stdout: Buffer.alloc(0), stderr: "a\nno room\n" });
    await assert.rejects(compose("three", failing), (error) => {
      assert.ok(isCopseError(error, "root-trigger-failed"));
      assert.match(error.hint ?? "", /no room/);
      return true;
    });
    assert.ok(!existsSync(`${directory}/three`));
  });
});
