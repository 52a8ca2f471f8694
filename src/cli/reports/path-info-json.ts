/**
 * The facts of a store path as JSON, in the versions that Nix has had:
 *
 *     1   whole store paths, the content address as one string
 *     2   paths by their base names, the content address as method and hash; a version and the store's folder at the top
 *     3   as 2, with signatures as key name and signature
 */
import { formatHash, parseHash, STORE_DIR, type StorePath, storePathBase } from "#format";
import type { PathInfo } from "#store";

export type PathInfoVersion = 1 | 2 | 3;

/** `info` holds one value for each path: null for one that is not valid. */
export function pathInfosToJson(
  infos: ReadonlyMap<StorePath, object | null>,
  version: PathInfoVersion,
): object {
  const named = Object.fromEntries(
    [...infos].map(([path, info]) => [version === 1 ? path : storePathBase(path), info]),
  );
  return version === 1 ? named : { version, storeDir: STORE_DIR, info: named };
}

export function pathInfoToJson(info: PathInfo, version: PathInfoVersion): Record<string, unknown> {
  const shown = (path: StorePath): string => (version === 1 ? path : storePathBase(path));
  const signatures = [...(info.signatures ?? [])].sort();
  return {
    version,
    storeDir: STORE_DIR,
    narHash: formatHash(info.narHash, "sri"),
    narSize: info.narSize,
    references: info.references.map(shown),
    ca: info.ca === undefined ? null : version === 1 ? info.ca : structuredAddress(info.ca),
    deriver: info.deriver === undefined ? null : shown(info.deriver),
    registrationTime: info.registrationTime || null,
    ultimate: info.ultimate,
    signatures: version === 3 ? signatures.map(structuredSignature) : signatures,
  };
}

const METHODS: readonly (readonly [prefix: string, method: string])[] = [
  ["text:", "text"],
  ["fixed:r:", "nar"],
  ["fixed:git:", "git"],
  ["fixed:", "flat"],
];

/** Of `fixed:r:sha256:…`: how contents are hashed, and the hash. */
function structuredAddress(ca: string): { method: string; hash: string } {
  const [prefix, method] = METHODS.find(([start]) => ca.startsWith(start)) ?? ["", "nar"];
  return { method, hash: formatHash(parseHash(ca.slice(prefix.length)), "sri") };
}

function structuredSignature(signature: string): { keyName: string; sig: string } {
  const colon = signature.indexOf(":");
  return { keyName: signature.slice(0, colon), sig: signature.slice(colon + 1) };
}
