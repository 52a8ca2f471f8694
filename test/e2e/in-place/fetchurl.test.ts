/** `<nix/fetchurl.nix>`: from a server on this machine that wants a login, which must not stay behind anywhere. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeNar, type NarTree } from "#format";
import { copse, project, world } from "../world.ts";

const LOGIN = "fetcher:a-secret-that-must-not-stay";
const PROGRAM = "#!/bin/sh\necho fetched\n";
const narOf = (tree: NarTree) => Buffer.concat([...encodeNar(tree)].map((chunk) => Buffer.from(chunk)));
const nar = narOf({
  kind: "directory",
  entries: () => [["link", { kind: "symlink", target: "anywhere" }]],
});
const hasXz = spawnSync("xz", ["--version"]).status === 0;
const files: Readonly<Record<string, Buffer>> = {
  "/file": Buffer.from("contents\n"),
  "/program": Buffer.from(PROGRAM),
  "/tree.nar": nar,
  ...(hasXz && { "/tree.nar.xz": execFileSync("xz", ["-c"], { input: nar }) }),
};

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization ? "with" : "without"} login`);
  const expected = `Basic ${Buffer.from(LOGIN).toString("base64")}`;
  const contents = files[request.url ?? ""];
  if (request.headers.authorization !== expected) response.writeHead(401).end();
  else if (contents) response.end(contents);
  else response.writeHead(404).end();
});
before(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)));
after(() => server.close());

const cwd = project();
const netrc = join(cwd, "netrc");
const [login, password] = LOGIN.split(":");
writeFileSync(netrc, `machine 127.0.0.1 login ${login} password ${password}\n`, { mode: 0o600 });

function fetch(path: string, attributes: string, ...options: string[]) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const expression = `import <nix/fetchurl.nix> { url = "${url}"; ${attributes} }`;
  return copse(["--no-out-link", "--expr", expression, "--option", "netrc-file", netrc, ...options], {
    cwd,
    as: "nix-build",
  });
}

const sri = (bytes: Uint8Array, algorithm = "sha256") =>
  `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
const realPath = (path: string) => join(world.store, path.trim());

test("a file, a program, a tree", async () => {
  const file = await fetch("/file", `hash = "${sri(files["/file"] as Buffer, "sha512")}";`);
  assert.equal(file.code, 0, file.stderr);
  assert.equal(readFileSync(realPath(file.stdout), "utf8"), "contents\n");

  const contents = Buffer.from(PROGRAM);
  const program = narOf({
    kind: "file",
    executable: true,
    sizeBytes: contents.length,
    contents: () => [contents],
  });
  const executable = await fetch("/program", `executable = true; name = "tool"; sha256 = "${sri(program)}";`);
  assert.equal(executable.code, 0, executable.stderr);
  assert.match(executable.stdout, /-tool\n$/);
  assert.equal(statSync(realPath(executable.stdout)).mode & 0o777, 0o555);

  for (const path of Object.keys(files).filter((name) => name.startsWith("/tree"))) {
    const tree = await fetch(path, `unpack = true; name = "tree"; hash = "${sri(nar)}";`);
    assert.equal(tree.code, 0, tree.stderr);
    assert.deepEqual(readdirSync(realPath(tree.stdout)), ["link"]);
  }
});

test("another hash: both are said, and what came is kept under its own path", async () => {
  const before = asked.length;
  const wrong = await fetch("/file", `name = "kept"; sha256 = "${sri(Buffer.from("else"))}";`);
  assert.equal(wrong.code, 102);
  const got = sri(files["/file"] as Buffer);
  assert.ok(wrong.stderr.includes(`specified: ${sri(Buffer.from("else"))}`), wrong.stderr);
  assert.ok(wrong.stderr.includes(`got:    ${got}`), wrong.stderr);
  assert.equal(asked.length, before + 1);
  const right = await fetch("/file", `name = "kept"; sha256 = "${got}";`);
  assert.equal(right.code, 0, right.stderr);
  assert.equal(asked.length, before + 1, "nothing was fetched again");
});

test("what is not there, no login, no hash", async () => {
  const missing = await fetch("/none", `sha256 = "${sri(Buffer.from("none"))}";`);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /404/);
  const denied = await fetch(
    "/file",
    `name = "denied"; sha256 = "${sri(Buffer.from("x"))}";`,
    "--option",
    "netrc-file",
    "/nowhere",
  );
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /401/);
  assert.equal(asked.at(-1), "/file without login");
});

test("the login is in no path of the store and in no log", () => {
  const found = execFileSync(
    "/bin/sh",
    [
      "-c",
      'grep -rlF "$1" "$2" "$3" || true',
      "sh",
      password as string,
      join(world.store, "nix"),
      world.home,
    ],
    {
      encoding: "utf8",
    },
  );
  assert.equal(found, "");
});
