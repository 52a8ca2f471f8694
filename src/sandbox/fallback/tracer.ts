/**
 * The tracer, as it lies in the cache: links to the unpacked packages, which whoever can evaluate and fetch has put
 * there and which keep them from being collected.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Unpacked packages, by which a tracer runs. */
export interface Tracer {
  /** The program. */
  readonly proot: string;
  /** Directories of libraries beside those of the view. */
  readonly libraries: readonly string[];
}

/** The packages that a tracer is made of, beside what every root has. */
export const tracerPackages = ["proot", "libtalloc2"] as const;

/** The folder of links that are named like the packages. */
export function tracerFolder(cacheDir: string): string {
  return join(cacheDir, "tracer");
}

export function findTracer(cacheDir: string): Tracer | undefined {
  const folder = tracerFolder(cacheDir);
  const proot = join(folder, "proot/usr/bin/proot");
  const library = join(folder, "libtalloc2/usr/lib");
  if (!existsSync(proot) || !existsSync(library)) return undefined;
  const triplets = readdirSync(library).filter((name) => name.endsWith("-linux-gnu"));
  return { proot, libraries: triplets.map((triplet) => join(library, triplet)) };
}
