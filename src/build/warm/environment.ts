/**
 * An environment that is ready to be entered, as data: where its root's view is, which variables it sets, what
 * runs first. It is all that entering needs, so that a warm start reads this one record and nothing else.
 */
export interface Environment {
  readonly name: string;
  /** The store path of the derivation that describes it. */
  readonly drvPath: string;
  /** The store path of the root, and the real folder of its merged view. */
  readonly root: string;
  readonly viewDir: string;
  readonly store: { readonly prefix: string; readonly realStoreDir: string; readonly copseDir: string };
  /** The derivation's own variables, PATH apart. */
  readonly variables: Readonly<Record<string, string>>;
  /** Folders of programs that come before the root's own, as seen inside. */
  readonly path: readonly string[];
  readonly shellHook: string;
  /** Real paths that must still be there for the record to serve. */
  readonly requires: readonly string[];
}
