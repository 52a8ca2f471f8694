/** The folders that copse works in, and what their file systems can do. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PlaceFacts, probePlace } from "#sandbox";
import type { StorePlace } from "#store";
import type { Finding } from "./finding.ts";

/** Below this, unpacking an environment is likely to fill the disk. */
const ROOMY_BYTES = 5e9;
const ENOUGH_BYTES = 5e8;
/** An environment has some fifty thousand files. */
const ENOUGH_INODES = 200_000;
/** What a Unix socket's path may have, with the byte that ends it. */
const SOCKET_PATH_BYTES = 108;
/** What programs put below the temporary folder for their sockets (ssh's agent, Jupyter, R's parallel). */
const SOCKET_NAME_BYTES = 48;
/** The most that a path may have, and what the deepest packages need below the store. */
const PATH_BYTES = 4096;
const DEEPEST_BYTES = 512;

const LOCAL_DISK = "set `COPSE_STORE` to a folder on a local disk";

export async function checkStore(place: StorePlace): Promise<Finding[]> {
  const { realStoreDir, storeDir, prefix } = place;
  const facts = await probePlace(realStoreDir);
  const seen = prefix === "" ? "" : `, seen as ${storeDir} inside`;
  const kind = facts.fileSystem === undefined ? "" : ` (${facts.fileSystem})`;
  const findings: Finding[] = [
    facts.writeError === undefined
      ? { check: "store", state: "ok", result: `${realStoreDir}${seen}${kind}` }
      : readOnlyStore(realStoreDir, facts),
    ...checkSpace("disk", facts, "the store"),
    ...checkAbilities(facts),
  ];
  if (Buffer.byteLength(realStoreDir) > PATH_BYTES - DEEPEST_BYTES) {
    findings.push({
      check: "path",
      state: "problem",
      result: `the store's path has ${Buffer.byteLength(realStoreDir)} bytes`,
      meaning: "Files in it would have longer paths than the kernel allows.",
      wayOut: "set `COPSE_STORE` to a folder with a shorter path",
    });
  }
  return findings;
}

function readOnlyStore(realStoreDir: string, { folder, writeError }: PlaceFacts): Finding {
  const why =
    writeError === "EROFS" ? "is on a read-only file system" : `may not be written to (${writeError})`;
  const squashed = process.getuid?.() === 0 && writeError === "EACCES";
  return {
    check: "store",
    state: "problem",
    result: `${realStoreDir}: ${folder} ${why}`,
    meaning: squashed
      ? "A file server has taken root's powers away (root_squash): work as the user whom the folder belongs to."
      : "Nothing can be built or fetched; what is there can be entered.",
    wayOut: "set `COPSE_STORE` to a folder that you may write to",
  };
}

function checkAbilities(facts: PlaceFacts): Finding[] {
  const findings: Finding[] = [];
  const on = `on ${facts.fileSystem ?? "this file system"}`;
  if (facts.mountedNoexec || facts.canExecute === false) {
    findings.push({
      check: "programs",
      state: "problem",
      result: `programs cannot be started from the store's file system (noexec)`,
      meaning: "What is installed there could not run, with or without copse.",
      wayOut: "set `COPSE_STORE` to a folder on a file system that is not mounted noexec",
    });
  }
  if (facts.databaseLocks === false) {
    findings.push({
      check: "locks",
      state: "problem",
      result: `no locks for the database ${on}`,
      meaning: "Two processes could not be kept from damaging the store.",
      wayOut: `${LOCAL_DISK}, or have the file system mounted with locks (Lustre: \`-o flock\`; NFS: lockd running)`,
    });
  } else if (facts.flock === false) {
    findings.push({
      check: "locks",
      state: "limited",
      result: `no flock(2) ${on}`,
      meaning: "Builds by another Nix in the same store cannot be waited for; do not use both at once.",
      wayOut: `${LOCAL_DISK}, or have the file system mounted with locks (Lustre: \`-o flock\`)`,
    });
  } else if (facts.writeAheadLog === false) {
    findings.push({
      check: "locks",
      state: "limited",
      result: `no write-ahead log ${on}`,
      meaning:
        "The store's database works with a journal instead: processes wait for each other a little longer.",
    });
  }
  if (facts.hardLinks === false) {
    findings.push({
      check: "hard links",
      state: "problem",
      result: `no hard links ${on}`,
      meaning: "The merged tree of an environment is made of them.",
      wayOut: LOCAL_DISK,
    });
  }
  return findings.length > 0 || facts.writeError !== undefined
    ? findings
    : [{ check: "file system", state: "ok", result: "locks, hard links and programs work in the store" }];
}

function checkSpace(check: string, facts: PlaceFacts, what: string): Finding[] {
  const { freeBytes, freeInodes } = facts;
  if (freeBytes === undefined) return [];
  const free = `${(freeBytes / 1e9).toFixed(1)} GB free for ${what}`;
  if (freeBytes < ENOUGH_BYTES || (freeInodes !== undefined && freeInodes < ENOUGH_INODES / 10)) {
    return [
      {
        check,
        state: "problem",
        result: freeBytes < ENOUGH_BYTES ? free : `${free}, and ${freeInodes} files more`,
        meaning: "Environments will not fit.",
        wayOut: "set `COPSE_STORE` to a folder on a larger disk",
      },
    ];
  }
  if (freeBytes > ROOMY_BYTES) return [{ check, state: "ok", result: free }];
  const meaning = "A large environment takes more: one with PyTorch some 10 GB.";
  return [{ check, state: "note", result: free, meaning }];
}

export async function checkCache(folder: string): Promise<Finding[]> {
  const facts = await probePlace(folder);
  if (facts.writeError === undefined) return [{ check: "cache", state: "ok", result: folder }];
  return [
    {
      check: "cache",
      state: "problem",
      result: `${folder}: ${facts.folder} may not be written to (${facts.writeError})`,
      meaning: "Downloads, indexes and records of environments are kept there.",
      wayOut: "set `XDG_CACHE_HOME` to a folder that you may write to",
    },
  ];
}

/** Builds have their folders beside the store; this one is for what runs inside, and small things. */
export async function checkTemporary(): Promise<Finding[]> {
  const folder = tmpdir();
  const facts = await probePlace(folder);
  const wayOut = "set `TMPDIR` to a folder with a short path that you may write to";
  if (facts.folder !== folder || facts.writeError !== undefined) {
    const result = `${folder} ${facts.folder === folder ? `may not be written to (${facts.writeError})` : "is not there"}`;
    return [
      { check: "temporary", state: "problem", result, meaning: "Builds and programs need it.", wayOut },
    ];
  }
  const findings: Finding[] = [];
  if (Buffer.byteLength(join(folder, "x".repeat(SOCKET_NAME_BYTES))) >= SOCKET_PATH_BYTES) {
    const meaning = `Paths of sockets have at most ${SOCKET_PATH_BYTES - 1} bytes: programs that make some there will fail.`;
    const result = `${folder} has a path of ${Buffer.byteLength(folder)} bytes`;
    findings.push({ check: "temporary", state: "limited", result, meaning, wayOut });
  }
  if (facts.freeBytes !== undefined && facts.freeBytes < 1e8) {
    const result = `${(facts.freeBytes / 1e6).toFixed(0)} MB free in ${folder}`;
    const meaning = "Builds are made beside the store and do not need it; programs that run inside may.";
    findings.push({ check: "temporary", state: "limited", result, meaning, wayOut });
  }
  return findings.length > 0 ? findings : [{ check: "temporary", state: "ok", result: folder }];
}
