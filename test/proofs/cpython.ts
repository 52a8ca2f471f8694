/**
 * Builds CPython from its sources as environments do whose Python no suite has, and uses it: packages from the index, one of
 * them compiled for it, byte code, offline, and once more for the same bytes.
 *
 *     npm run proof:cpython [-- TARBALL...]
 *
 * A tarball is CPython's own `Python-3.12.8.tar.xz`, whatever it is called. Without one, those that Debian's source packages
 * of sid have are taken, which are the same files. They are served as CPython's archive on the loopback interface.
 * Takes some ten minutes each on two processors; needs pip's index.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { serveLoopback } from "#fetch/testing";

const repository = resolve(import.meta.dirname, "../..");
const parent = mkdtempSync(join(process.env["COPSE_BENCH_DIR"] ?? tmpdir(), "copse-cpython-"));
const store = join(parent, "store");

const DEBIAN_SOURCE = "python3.13";

/** What the environment runs of itself: everything that Debian's libraries are linked for, and how it was compiled. */
const EXAMINATION = `
import bz2, ctypes, curses, hashlib, lzma, readline, sqlite3, ssl, sys, sysconfig, uuid, zlib
import json, markupsafe._speedups, numpy, pathlib
assert sys.prefix != sys.base_prefix and sys.base_prefix.startswith("/nix/store/"), sys.base_prefix
assert ssl.create_default_context().cert_store_stats()["x509_ca"] > 0, "no certificates"
assert ctypes.CDLL("libc.so.6").getpid() > 0
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
assert numpy.ones((2, 3)).dot(numpy.ones(3)).tolist() == [3, 3]
assert markupsafe.escape("<") == "&lt;"
assert "/build/" not in repr([value for name, value in sysconfig.get_config_vars().items() if name != "UPDATE_FILE"])
compiled = [pathlib.Path(module.__cached__) for module in (numpy, markupsafe)]
compiled += pathlib.Path(json.__file__).parent.parent.glob("**/__pycache__/*.pyc")
assert len(compiled) > 500
assert {path.read_bytes()[4:8] for path in compiled} == {b"\\x01\\0\\0\\0"}
print("%d.%d.%d" % sys.version_info[:3])
`;

/** Standard output of a command that must succeed. The archive is served by this process, which must not wait for it. */
async function copse(
  folder: string,
  args: readonly string[],
  { offline = false, as = "copse" } = {},
): Promise<string> {
  const nowhere = { PIP_INDEX_URL: "http://127.0.0.1:9/simple", PIP_FIND_LINKS: "" };
  const env = { ...process.env, COPSE_STORE: store, ...(offline && nowhere) };
  const program = join(parent, as);
  if (!existsSync(program)) symlinkSync(join(repository, "bin/copse"), program);
  const child = spawn(program, args, {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await text(child.stdout);
  const code = child.exitCode ?? (await once(child, "close"))[0];
  assert.equal(code, 0, `copse ${args[0]} ended with ${code}`);
  return output.trim();
}

async function tarballsOfDebian(): Promise<string[]> {
  const folder = join(parent, "source");
  mkdirSync(folder);
  const expression = `(import <nixpkgs> { suite = "sid"; }).debianSource "${DEBIAN_SOURCE}"`;
  writeFileSync(join(folder, "default.nix"), `(${expression}).files\n`);
  const paths = (await copse(folder, ["build", "--no-link"])).split("\n");
  return paths.filter((path) => /\.orig\.tar\.[a-z]+$/.test(path)).map((path) => join(store, path));
}

/** `Python-3.13.15/` is what it unpacks to. */
function releaseOf(tarball: string): string {
  const listing = execFileSync("sh", ["-c", 'tar -tf "$1" | head -n 1', "sh", tarball], { encoding: "utf8" });
  const release = /^Python-([0-9.]+)\//.exec(listing)?.[1];
  assert(release !== undefined, `${tarball} has no sources of Python: ${listing}`);
  return release;
}

async function prove(tarball: string): Promise<void> {
  const release = releaseOf(tarball);
  const path = `/${release}/Python-${release}.tar.xz`;
  const server = await serveLoopback((request, response) => {
    if (request.url === "/") response.end(`<a href="${release}/">${release}/</a>`);
    else if (request.url === path) createReadStream(tarball).pipe(response);
    else response.writeHead(404).end();
  });
  const folder = join(parent, release);
  mkdirSync(folder);
  // A release, so that no suite's interpreter is meant.
  writeFileSync(
    join(folder, "copse.toml"),
    `name = "proof"
[system]
suite = "bookworm"
[python]
version = "${release}"
packages = ["numpy", "markupsafe"]
no-binary = ["markupsafe"]
[sources]
python = "${server.url}"
`,
  );
  const started = performance.now();
  await copse(folder, ["lock"]);
  console.log(`${release}: locked`);
  assert.equal(await copse(folder, ["run", "python3", "-c", EXAMINATION]), release);
  console.log(`${release}: built and used, ${Math.round((performance.now() - started) / 1000)} s`);
  await server.close();
  assert.equal(
    await copse(folder, ["run", "--frozen", "python3", "-c", EXAMINATION], { offline: true }),
    release,
  );
  console.log(`${release}: used without archive and index`);
  const built = readdirSync(join(store, "nix/store")).find((name) =>
    name.endsWith(`-cpython-${release}.drv`),
  );
  assert(built !== undefined);
  await copse(folder, ["--realise", "--check", `/nix/store/${built}`], { as: "nix-store" });
  const size = Number(
    execFileSync("du", ["-sm", join(store, "nix/store", outputOf(release))], { encoding: "utf8" }).split(
      "\t",
    )[0],
  );
  console.log(`${release}: the same bytes when it is built again; ${size} MB`);
}

function outputOf(release: string): string {
  const found = readdirSync(join(store, "nix/store")).find(
    (name) => name.endsWith(`-cpython-${release}`) && statSync(join(store, "nix/store", name)).isDirectory(),
  );
  assert(found !== undefined);
  return found;
}

try {
  const given = process.argv.slice(2).map((path) => resolve(path));
  for (const tarball of given.length > 0 ? given : await tarballsOfDebian()) await prove(tarball);
} finally {
  makeWritable(parent);
  rmSync(parent, { recursive: true });
}

function makeWritable(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) makeWritable(join(folder, entry.name));
}
