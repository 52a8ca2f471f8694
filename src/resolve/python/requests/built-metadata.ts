/** Metadata that a build of an sdist came to, on their way from the evaluation to the service. */

export interface GivenMetadata {
  readonly key: string;
  readonly contents: Uint8Array;
}

/** What a build comes to may depend on the interpreter that it is built with. */
export function builtKey({ sha256, python }: { readonly sha256: string; readonly python: string }): string {
  return `${sha256}-${python.split(".").slice(0, 2).join(".")}`;
}
