/**
 * Builds an environment twice, in two stores, as two users where that is possible, at two times, and compares the
 * NAR hash of every path and the digest of every view.
 *
 *     npm run proof:reproducible -- [SHELL.NIX]        default: examples/volume-report/shell.nix
 *
 * As root the second build runs as uid 1234 with a home of its own; otherwise both run as the caller.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { formatHash } from "#format";
import { viewDigest } from "#root";
import { openStore, storePlace } from "#store";

const OTHER_UID = 1234;
const repository = resolve(import.meta.dirname, "../..");
const shell = resolve(process.argv[2] ?? join(repository, "examples/volume-report/shell.nix"));
const parent = mkdtempSync(join(process.env["COPSE_BENCH_DIR"] ?? tmpdir(), "copse-proof-"));
chmodSync(parent, 0o755);

function build(name: string, asOther: boolean): string {
  const home = join(parent, name);
  mkdirSync(home);
  if (asOther) chownSync(home, OTHER_UID, OTHER_UID);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    LANG: asOther ? "C" : "C.UTF-8",
    TZ: asOther ? "Asia/Tokyo" : "UTC",
  };
  execFileSync(join(repository, "bin/copse"), ["run", "--frozen", "-f", shell, "--", "true"], {
    env: { ...env, COPSE_STORE: join(home, "store") },
    cwd: home,
    stdio: ["ignore", "inherit", "inherit"],
    ...(asOther && { uid: OTHER_UID, gid: OTHER_UID }),
  });
  return join(home, "store");
}

interface Contents {
  readonly hashes: ReadonlyMap<string, string>;
  readonly views: ReadonlyMap<string, string>;
}

async function contents(prefix: string): Promise<Contents> {
  await using store = openStore(storePlace(prefix));
  const hashes = new Map<string, string>();
  for (const path of store.allPaths()) {
    const { narHash } = await store.hashTree(path);
    hashes.set(path, formatHash(narHash, "nix32"));
  }
  const viewsDir = join(store.place.copseDir, "views");
  const views = new Map<string, string>();
  for (const view of readdirSync(viewsDir)) views.set(view, await viewDigest(join(viewsDir, view)));
  return { hashes, views };
}

function differences(first: ReadonlyMap<string, string>, second: ReadonlyMap<string, string>): string[] {
  const names = new Set([...first.keys(), ...second.keys()]);
  return [...names].filter((name) => first.get(name) !== second.get(name)).sort();
}

try {
  const isRoot = process.getuid?.() === 0;
  const first = await contents(build("first", false));
  const second = await contents(build("second", isRoot));
  const paths = differences(first.hashes, second.hashes);
  const views = differences(first.views, second.views);
  for (const name of [...paths, ...views]) console.log(`differs: ${name}`);
  console.log(
    `${first.hashes.size} paths, ${paths.length} differ; ${first.views.size} views, ${views.length} differ`,
  );
  console.log(isRoot ? "two users, two stores" : "one user, two stores");
  process.exitCode = paths.length + views.length === 0 ? 0 : 1;
} finally {
  rmSync(parent, { recursive: true, force: true });
}
