/**
 * Generations of profiles. A profile is a link `NAME` to one of the links `NAME-<number>-link` beside it, each of which
 * leads to a store path and keeps it: one that is gone keeps nothing.
 */
import { accessSync, constants, lstatSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { lockPaths } from "#store";

export interface RemoveOptions {
  /** Seconds since the epoch. What was current at that time stays; without it all but the current one go. */
  readonly olderThan?: number | undefined;
  readonly dryRun: boolean;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Removes old generations of all profiles in a folder and those below it. A folder that is not there has none. */
export async function removeOldGenerationsBelow(folder: string, options: RemoveOptions): Promise<void> {
  if (!isAllowed(folder, constants.R_OK)) return;
  const isWritable = isAllowed(folder, constants.W_OK);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await removeOldGenerationsBelow(path, options);
    else if (entry.isSymbolicLink() && isWritable && isProfile(path)) {
      options.note(`removing old generations of profile ${path}`);
      await removeOldGenerations(path, options);
    }
  }
}

/** A link to a generation. */
function isProfile(path: string): boolean {
  return linkTarget(path)?.includes("link") === true;
}

interface Generation {
  readonly number: number;
  readonly path: string;
  readonly createdSeconds: number;
}

async function removeOldGenerations(profile: string, options: RemoveOptions): Promise<void> {
  const { olderThan, dryRun, note, signal } = options;
  using _lock = await lockPaths([profile], signal);
  const generations = findGenerations(profile);
  const current = generationNumber(basename(profile), basename(linkTarget(profile) ?? ""));
  for (const { number, path } of olderThan === undefined ? generations : before(generations, olderThan)) {
    if (number === current) continue;
    note(`${dryRun ? "would remove" : "removing"} profile version ${number}`);
    if (!dryRun) rmSync(path, { force: true });
  }
}

/** Those that were not current any more at that time: the newest of the older ones was. */
function before(generations: readonly Generation[], seconds: number): Generation[] {
  const older = generations.filter(({ createdSeconds }) => createdSeconds < seconds);
  return older.slice(0, -1).reverse();
}

/** By ascending number. */
function findGenerations(profile: string): Generation[] {
  const folder = dirname(profile);
  return readdirSync(folder)
    .flatMap((name): Generation[] => {
      const number = generationNumber(basename(profile), name);
      const path = join(folder, name);
      return number === undefined ? [] : [{ number, path, createdSeconds: lstatSync(path).mtimeMs / 1000 }];
    })
    .sort((a, b) => a.number - b.number);
}

function generationNumber(profileName: string, name: string): number | undefined {
  if (!name.startsWith(`${profileName}-`)) return undefined;
  const [, digits] = /^(\d+)-link/.exec(name.slice(profileName.length + 1)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EINVAL") return undefined;
    throw error;
  }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
