/** Metadata that a build of an sdist came to, on their way from the evaluation to the service. */
import { createHash } from "node:crypto";

export interface GivenMetadata {
  readonly key: string;
  readonly contents: Uint8Array;
}

export interface BuiltSources {
  readonly sha256: string;
  /** Where in the sources the project is. */
  readonly subdirectory?: string | undefined;
  readonly python: string;
}

/** What a build comes to may depend on the interpreter that it is built with. */
export function builtKey({ sha256, subdirectory, python }: BuiltSources): string {
  const within =
    subdirectory === undefined
      ? ""
      : `-${createHash("sha256").update(subdirectory).digest("hex").slice(0, 16)}`;
  return `${sha256}${within}-${python.split(".").slice(0, 2).join(".")}`;
}
