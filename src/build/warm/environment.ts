/**
 * An environment that is ready to be entered, as data: where its root's view is, which variables it sets, what
 * runs first. It is all that entering needs, so that a warm start reads this one record and nothing else.
 */
export interface Environment {
  readonly name: string;
  /** The store path of the derivation that describes it. */
  readonly drvPath: string;
  /** Without one it is a plain derivation's, whose shell runs on the host, as Nix's do. */
  readonly root: EnvironmentRoot | undefined;
  readonly store: EnvironmentStore;
  /** The derivation's own variables, PATH among them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Those of them that come as files; the variable with `Path` behind its name says where. */
  readonly passAsFile: readonly string[];
  readonly structured: StructuredAttributes | undefined;
  /** Folders of programs that come before the root's own, as seen inside. */
  readonly path: readonly string[];
  readonly shellHook: string;
  /** Of the package set that the search path names, as seen inside. */
  readonly bash: string | undefined;
  /** Real paths that must still be there for the record to serve. */
  readonly requires: readonly string[];
}

/** The store path of a root, and the real folder of its merged view. */
export interface EnvironmentRoot {
  readonly path: string;
  readonly viewDir: string;
}

export interface EnvironmentStore {
  readonly prefix: string;
  readonly storeDir: string;
  readonly realStoreDir: string;
  readonly copseDir: string;
}

/** Structured attributes come as two files: `.attrs.json`, and `.attrs.sh` for bash. */
export interface StructuredAttributes {
  readonly json: string;
  readonly sh: string;
}
