/**
 * The tracer for machines that forbid namespaces: two packages of Debian, locked, fetched and unpacked like all others,
 * which takes no program to be run. Where it lies is a link in the cache (see `#sandbox/fallback`).
 */
import { basename, join } from "node:path";
import { CopseError, installedPath } from "#base";
import { cacheDirectory } from "#fetch/cache";
import { entryWay } from "#sandbox/entry";
import { canTrace, findTracer, type Tracer, tracerFolder, tracerPackages } from "#sandbox/fallback";
import type { Session, SessionOptions } from "./session.ts";

const expression = `
  let
    inherit ((import (/. + ${JSON.stringify(installedPath("pkgs"))}) { }).debianTools) resolve unpackDeb;
    wanted = [ ${tracerPackages.map((name) => `"${name}"`).join(" ")} ];
    unpacked = name: unpackDeb (builtins.head (builtins.filter (deb: deb.name == name) (resolve wanted)));
  in
  map unpacked wanted`;

/** Whether programs of roots can be run here by a tracer only. */
export function needsTracer(env: SessionOptions["env"]): boolean {
  return entryWay(cacheDirectory(env)) === undefined && canTrace();
}

/** Fetched where it is not there yet. Throws what evaluating and fetching throw. */
export async function provideTracer(
  options: SessionOptions,
  open: (options: SessionOptions) => Session,
): Promise<Tracer> {
  const cacheDir = cacheDirectory(options.env);
  const known = findTracer(cacheDir);
  if (known) return known;
  // With a lock of its own: it belongs to the machine, not to a project.
  const settings = { ...options.settings, "pure-eval": false };
  await using session = open({ ...options, settings, frozen: false, updateLock: false, isForTracer: true });
  const baseDir = tracerFolder(cacheDir);
  const target = { expr: expression, attrPath: "", args: [], searchPath: [], baseDir };
  const built = await session.build(session.derivations(target));
  for (const [index, { path }] of built.entries()) {
    session.linkResult(join(baseDir, tracerPackages[index] ?? basename(path)), path);
  }
  const tracer = findTracer(cacheDir);
  if (tracer) return tracer;
  throw new CopseError("tracer-incomplete", `The packages of the tracer lack its files: \`${baseDir}\``);
}
