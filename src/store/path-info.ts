/**
 * What the store knows about a valid path, and *content addresses*: the claim, for a path whose name follows
 * from its contents, of how it does.
 *
 *     text:sha256:<nix32>          a file written by evaluation
 *     fixed:sha256:<nix32>         one file, by its bytes
 *     fixed:r:sha256:<nix32>       a tree, by its NAR
 */
import { type ContentMethod, formatPrefixedHash, type Hash, type StorePath } from "#format";

export interface PathInfo {
  readonly path: StorePath;
  /** SHA-256 of the NAR. */
  readonly narHash: Hash;
  readonly narSize: number;
  /** Sorted; the path itself where it mentions itself. */
  readonly references: readonly StorePath[];
  readonly deriver?: StorePath | undefined;
  /** Seconds since the epoch. */
  readonly registrationTime: number;
  readonly ca?: string | undefined;
  /** Built here, rather than copied from somewhere that had to be trusted. */
  readonly ultimate: boolean;
  readonly signatures?: readonly string[] | undefined;
}

export function contentAddress(method: ContentMethod, hash: Hash): string {
  return method === "text" ? textContentAddress(hash) : fixedContentAddress(method, hash);
}

export function textContentAddress(hash: Hash): string {
  return `text:${formatPrefixedHash(hash, "nix32")}`;
}

export function fixedContentAddress(method: "flat" | "nar", hash: Hash): string {
  return `fixed:${method === "nar" ? "r:" : ""}${formatPrefixedHash(hash, "nix32")}`;
}
