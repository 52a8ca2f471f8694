/**
 * `WHEEL`: what a wheel says of itself (the packaging guide's "Binary distribution format"). Installers refuse a greater
 * first number of its version, and warn of a greater second one. Its tags may differ from those of the file's name, which
 * count.
 */
import { CopseError } from "#base";
import { Headers } from "./headers.ts";

export interface WheelFile {
  /** Of the format: mostly `[1, 0]`. */
  readonly version: readonly number[];
  /** Whether the root of the archive goes to `purelib`; else it goes to `platlib`. */
  readonly rootIsPurelib: boolean;
  readonly tags: readonly string[];
  readonly build?: string;
  readonly generator?: string;
}

/** Throws CopseError `python-wheel-file-invalid`. */
export function parseWheelFile(contents: Uint8Array | string): WheelFile {
  const headers = new Headers(contents);
  const version = headers.get("wheel-version");
  if (version === undefined || !/^[0-9]{1,9}(\.[0-9]{1,9})*$/.test(version))
    throw new CopseError(
      "python-wheel-file-invalid",
      `WHEEL does not say the version of its format: \`${(version ?? "").slice(0, 100)}\``,
    );
  const build = headers.get("build");
  const generator = headers.get("generator");
  return {
    version: version.split(".").map(Number),
    rootIsPurelib: headers.get("root-is-purelib")?.toLowerCase() === "true",
    tags: headers.all("tag"),
    ...(build !== undefined && { build }),
    ...(generator !== undefined && { generator }),
  };
}
