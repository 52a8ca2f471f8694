/** Faults of archives, mirrors, packages and locks, as commands meet them; each once, and then mended. */
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { makeKey } from "../../src/resolve/debian/testing/fixture-archive.ts";
import type { TestMember } from "../../src/root/debs-for-tests.ts";
import { asking, deb, fails, openBadWorld } from "./bad-input-world.ts";
import { output } from "./world.ts";

const here = await openBadWorld();
const { archive, env } = here;

const RELEASE = "dists/bookworm/InRelease";
const INDEX = "dists/bookworm/main/binary-amd64/Packages.gz";
const DEB = "pool/main/t/tool/tool_1.0_all.deb";
const DAY_MS = 86_400_000;

const tool = deb("tool");
const publish = (): Promise<void> => {
  archive.answer = undefined;
  return here.publish([tool]);
};
const forget = (): void => rmSync(here.cache, { recursive: true, force: true });
const cut = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length >> 1);
const flip = (bytes: Buffer): Buffer => {
  const changed = Buffer.from(bytes);
  const at = changed.length >> 1;
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
};

const skip = process.arch !== "x64" && "the small archive is for amd64";

/** A project whose lock is made. */
async function locked(): Promise<string> {
  await publish();
  const cwd = asking("tool");
  await output(["lock"], { cwd, env });
  return cwd;
}

describe("what a mirror sends", { skip }, () => {
  let cwd: string;
  before(async () => {
    cwd = await locked();
  });

  const cases: [
    what: string,
    file: string,
    change: (bytes: Buffer) => Buffer,
    error: string,
    says: RegExp,
  ][] = [
    ["a tampered Release", RELEASE, flip, "signature-invalid", /`debian\/bookworm`/],
    ["a truncated Release", RELEASE, cut, "signature-invalid", /`debian\/bookworm`/],
    ["a tampered index", INDEX, flip, "hash-mismatch", /Packages\.gz`/],
    ["a truncated index", INDEX, cut, "download-size", /bytes instead of \d+: .*Packages\.gz`/],
  ];
  for (const [what, file, change, error, says] of cases)
    test(`${what} is refused`, async () => {
      await publish();
      forget();
      const good = archive.files.get(file) as Buffer;
      archive.files.set(file, change(good));
      await fails({ args: ["lock"], cwd: asking("tool"), env, error, says });
      archive.files.set(file, good);
    });

  test("a tampered or truncated package is refused by build and fetch, and a good one taken", async () => {
    const good = archive.files.get(DEB) as Buffer;
    archive.files.set(DEB, flip(good));
    await fails({ args: ["build"], cwd, env, error: "hash-mismatch", says: /tool_1\.0_all\.deb`/ });
    const fetch = ["fetch", "-o", join(cwd, "kept")];
    await fails({ args: fetch, cwd, env, error: "hash-mismatch", says: /tool_1\.0_all\.deb`/ });
    archive.files.set(DEB, cut(good));
    await fails({ args: ["build"], cwd, env, error: "download-size", says: /tool_1\.0_all\.deb`/ });
    archive.files.set(DEB, good);
    await output(["build"], { cwd, env });
    await output(fetch, { cwd, env });
  });

  const send =
    (status: number, type: string, text: string) =>
    (_: string, response: ServerResponse): boolean => {
      response.writeHead(status, { "content-type": type }).end(text);
      return true;
    };
  const mirrors: [what: string, answer: NonNullable<typeof archive.answer>, error: string][] = [
    ["sends web pages", send(200, "text/html", "<!doctype html><title>Sign in</title>"), "download-html"],
    ["wants a login", send(401, "text/plain", ""), "download-status"],
    [
      "breaks off",
      (_, response) => {
        response.destroy();
        return true;
      },
      "http-failed",
    ],
  ];
  for (const [what, answer, error] of mirrors)
    test(`a mirror that ${what}`, async () => {
      await publish();
      forget();
      const project = asking("tool");
      archive.answer = answer;
      await fails({ args: ["lock"], cwd: project, env, error, says: /debian\/(dists\/)?bookworm/ });
      archive.answer = undefined;
    });
});

describe("a Release", { skip }, () => {
  const old = new Date(Date.now() - 9 * DAY_MS);
  test("that has expired", async () => {
    forget();
    await here.publish([tool], { date: old, validUntil: new Date(Date.now() - DAY_MS) });
    const cwd = asking("tool");
    await fails({ args: ["lock"], cwd, env, error: "release-expired", says: /`debian\/bookworm`/ });
    await publish();
    await output(["lock"], { cwd, env });
  });
  test("that is replayed", async () => {
    const cwd = await locked();
    forget();
    await here.publish([tool], { date: old });
    const args = ["lock", "--update"];
    await fails({ args, cwd, env, error: "release-replayed", says: /is older than/ });
    await publish();
    await output(args, { cwd, env });
  });
  test("that another key has signed", async () => {
    forget();
    await archive.publish([tool], [await makeKey("somebody else")]);
    await fails({
      ...{ args: ["lock"], cwd: asking("tool"), env, error: "signature-untrusted" },
      says: /keys were looked for in .*key\.asc/,
    });
    await publish();
  });
});

describe("packages", { skip }, () => {
  before(async () => {
    forget();
    const depends = (name: string, on: string) => deb(name, { fields: { Depends: on } });
    await here.publish([
      ...[tool, deb("left", { fields: { Conflicts: "right" } }), deb("right")],
      ...[depends("ring-a", "ring-b"), depends("ring-b", "ring-c"), depends("ring-c", "ring-a")],
      depends("needy", "tool, nowhere (>= 2)"),
    ]);
  });

  const cases: [what: string, names: string[], error: string, says: RegExp][] = [
    ["that do not exist", ["tol"], "debian-package-unknown", /`tol`\n[\s\S]*did you mean tool\?/],
    ["two that conflict", ["left", "right"], "debian-unsatisfiable", /`left` excludes `right`/],
    ["that need what is nowhere", ["needy"], "debian-unsatisfiable", /depends on `nowhere \(>= 2\)`/],
  ];
  for (const [what, names, error, says] of cases)
    test(what, async () => {
      await fails({ args: ["build"], cwd: asking(...names), env, error, says });
    });

  test("in a circle are no fault", async () => {
    const cwd = asking("ring-a");
    await output(["lock"], { cwd, env });
    assert.match(readFileSync(join(cwd, "copse.lock"), "utf8"), /"ring-c"/);
  });
});

describe("a package that is not what it should be", { skip }, () => {
  const link = (path: string, target: string): TestMember => ({ path, type: "2", link: target });
  const cases: [what: string, error: string, members: TestMember[]][] = [
    ["leaves its target by ..", "tar-invalid", [{ path: "./usr/../../outside", contents: "x" }]],
    [
      "writes through a link",
      "deb-member-clash",
      [link("./usr/way", "/tmp"), { path: "./usr/way/outside", contents: "x" }],
    ],
    ["links a file outside", "tar-invalid", [{ path: "./usr/passwd", type: "1", link: "../../etc/passwd" }]],
    ["brings a device", "deb-member-kind", [{ path: "./dev/null", type: "3" }]],
  ];
  for (const [what, error, members] of cases)
    test(what, async () => {
      forget();
      const name = `bad-${what.replaceAll(/\W+/g, "")}`;
      await here.publish([deb(name, { members })]);
      const cwd = asking(name);
      await output(["lock"], { cwd, env });
      await fails({ args: ["build"], cwd, env, error, says: new RegExp(`${name}_1\\.0_all`) });
    });
  test("is no package at all", async () => {
    forget();
    await here.publish([deb("noise", { contents: Buffer.from("!<arch>\nnoise\n") })]);
    await fails({ args: ["build"], cwd: asking("noise"), env, error: "ar-invalid", says: /noise_1\.0_all/ });
  });
});

describe("a lock edited by hand", { skip }, () => {
  const cases: [what: string, edit: (text: string) => string, error: string, says: RegExp][] = [
    [
      "another hash",
      (t) => t.replace(/("name":"tool".*"sha256":")\w+/, `$1${"0".repeat(64)}`),
      "hash-mismatch",
      /tool/,
    ],
    ["a short hash", (t) => t.replace(/("sha256":")\w+/, "$1abc"), "lock-invalid", /copse\.lock:\d+:\d+$/m],
    ["no comma", (t) => t.replace(",\n", "\n"), "lock-invalid", /copse\.lock:\d+:\d+$/m],
    ["a way out of the archive", (t) => t.replace('"file":"', '"file":"../'), "lock-invalid", /`\.\.\//],
    ["marks of a merge", (t) => `<<<<<<< HEAD\n${t}`, "lock-invalid", /merge conflict[\s\S]*:1:1$/m],
    ["a package less", (t) => t.replace(/.*"name":"tool".*\n/, ""), "lock-invalid", /does not have: `tool`/],
    ["another version", (t) => t.replace('"version": 1', '"version": 99'), "lock-version", /copse\.lock:2:/],
  ];
  let cwd: string;
  let text: string;
  before(async () => {
    forget();
    cwd = await locked();
    text = readFileSync(join(cwd, "copse.lock"), "utf8");
  });
  for (const [what, edit, error, says] of cases)
    test(what, async () => {
      const edited = edit(text);
      assert.notEqual(edited, text);
      writeFileSync(join(cwd, "copse.lock"), edited);
      await fails({ args: ["build"], cwd, env, error, says });
    });
  test("is taken again as it was", async () => {
    writeFileSync(join(cwd, "copse.lock"), text);
    await output(["build", "--frozen"], { cwd, env });
  });
});
