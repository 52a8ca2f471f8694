/**
 * `builtin:fetchurl`: one file by its hash, from `url` or the first of `urls` that has it; with `unpack`, the tree of
 * which that file is the NAR, perhaps compressed; with `executable`, a program.
 *
 * Logins come from the user's netrc and go to their host alone: nothing of them is in the store.
 */
import { createReadStream } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { byteStringFromText, CopseError, textFromByteString } from "#base";
import {
  type DownloadRequest,
  environmentProxy,
  type Location,
  netrcLogin,
  type Route,
  readNetrc,
} from "#fetch";
import { type Derivation, type DerivationOutput, fixedOutput, type Hash, parseHash } from "#format";
import { decompress } from "#root";
import { restoreTree } from "#store";
import { type BuildTask, words } from "../context.ts";

/** Whether a URL names an archive of the user's configuration, such as `apt:debian/pool/…` or `pypi:numpy/…`. */
function isArchived(url: string): boolean {
  return /^(?:apt|cran|pypi(?:\+[^:/]+)?):/.test(url);
}

/** Whether what `fetchUrl` leaves was compared with its hash while it was written. */
export function isFetchedVerified(drv: Derivation): boolean {
  const urls = [drv.env.get("url") ?? "", ...(drv.env.get("urls") ?? "").split(" ")];
  return (
    isFlat(drv.outputs.get("out")) &&
    !isSet(drv, "unpack") &&
    urls.every((url) => url === "" || isArchived(url))
  );
}

function isFlat(output: DerivationOutput | undefined): boolean {
  return output !== undefined && !output.hashAlgo.includes(":");
}

function isSet(drv: Derivation, name: string): boolean {
  return drv.env.get(name) === "1";
}

export async function fetchUrl(task: BuildTask): Promise<void> {
  const output = task.outputs.get("out");
  if (output === undefined)
    throw new CopseError("fetch-output", "'builtin:fetchurl' requires an 'out' output");
  const fixed = fixedOutput(task.drv);
  if (!fixed) {
    throw new CopseError(
      "fetch-without-hash",
      "'builtin:fetchurl' must be a fixed-output or impure derivation",
      {
        hint: "set outputHash; lib.fakeHash makes the build print the right one",
      },
    );
  }
  const unpack = isSet(task.drv, "unpack");
  const target = unpack ? join(await task.workDir(), "download") : output;
  const url = await fetchFirst(task, { urls: addressesOf(task, fixed), target });
  if (unpack) await unpackNar(task, { source: target, isCompressed: url.endsWith(".xz"), output });
  if (!unpack || isSet(task.drv, "executable")) {
    await chmod(output, isSet(task.drv, "executable") ? 0o555 : 0o444);
  }
}

/** Mirrors by hash come first: they are asked for what must be there. */
function addressesOf(task: BuildTask, fixed: DerivationOutput): string[] {
  const named = [
    textFromByteString(task.drv.env.get("url") ?? ""),
    ...words(task, "urls").map(textFromByteString),
  ];
  const own = [...new Set(named.filter((url) => url !== ""))];
  if (own.length === 0) throw new CopseError("fetch-output", "'builtin:fetchurl' requires a 'url'");
  if (!isFlat(fixed) || own.some(isArchived)) return own;
  const byHash = task.services.nix["hashed-mirrors"].map(
    (mirror) => `${mirror.replace(/\/*$/, "/")}${fixed.hashAlgo}/${fixed.hash}`,
  );
  return [...byHash, ...own];
}

/** Returns the address that had it. Throws the last one's failure. */
async function fetchFirst(
  task: BuildTask,
  request: { readonly urls: readonly string[]; readonly target: string },
): Promise<string> {
  let failure: unknown;
  for (const url of request.urls) {
    let reported = 0;
    try {
      await task.services.download({
        ...(await describeSource(task, url)),
        target: request.target,
        signal: task.signal,
        onProgress({ bytes }) {
          task.services.progress({ kind: "bytes", id: task.drvPath, bytes: bytes - reported });
          reported = bytes;
        },
      });
      return url;
    } catch (error) {
      if (!(error instanceof CopseError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function describeSource(
  task: BuildTask,
  url: string,
): Promise<Pick<DownloadRequest, "url" | "expectedHash" | "sizeBytes">> {
  const size = Number(task.drv.env.get("sizeBytes") ?? Number.NaN);
  const sized = Number.isSafeInteger(size) ? { sizeBytes: size } : {};
  if (!isArchived(url)) return { url: locationsOf(task, url) ?? url, ...sized };
  // Of an archive's mirrors the next is tried if one has something else. What an expression names itself is compared
  // when it is registered, with words for who wrote the hash.
  const fixed = fixedOutput(task.drv);
  const expectedHash =
    isFlat(fixed) && fixed ? parseHash(fixed.hash, fixed.hashAlgo as Hash["algorithm"]) : undefined;
  return { url, ...sized, expectedHash };
}

function locationsOf(task: BuildTask, address: string): Location[] | undefined {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const { nix, env } = task.services;
  const logins = readNetrc(nix["netrc-file"] || `${env["NIX_CONF_DIR"] || "/etc/nix"}/netrc`);
  const caFile = nix["ssl-cert-file"] || env["NIX_SSL_CERT_FILE"];
  const timeoutMs = nix["stalled-download-timeout"] * 1000;
  const routeFor = (hop: URL): Route => ({
    proxy: environmentProxy(hop, env),
    login: hop.username === "" ? netrcLogin(logins, hop.hostname) : undefined,
    ...(timeoutMs > 0 && { timeoutMs }),
    ...(caFile && { tls: { caFile } }),
  });
  return [{ url, routeFor }];
}

async function unpackNar(
  task: BuildTask,
  nar: { readonly source: string; readonly isCompressed: boolean; readonly output: string },
): Promise<void> {
  const file = createReadStream(nar.source);
  const bytes = nar.isCompressed ? decompress(file, { signal: task.signal }) : file;
  await restoreTree(bytes, byteStringFromText(nar.output), { signal: task.signal });
}
