/**
 * What the solver calls a package: the request itself, a project, or a project with one extra, which is a package of its
 * own that needs the project in the same version. One object each, so that identity is equality.
 */
import type { NormalizedName } from "#format/python";

export type PythonPackage =
  | { readonly kind: "root" }
  | { readonly kind: "project"; readonly name: NormalizedName }
  | { readonly kind: "extra"; readonly name: NormalizedName; readonly extra: NormalizedName };

export type NamedPackage = Exclude<PythonPackage, { kind: "root" }>;

export class Packages {
  readonly root: PythonPackage = { kind: "root" };
  readonly #named = new Map<string, NamedPackage>();

  project(name: NormalizedName): NamedPackage {
    return this.#intern(name, { kind: "project", name });
  }

  extra(name: NormalizedName, extra: NormalizedName): NamedPackage {
    return this.#intern(`${name}[${extra}]`, { kind: "extra", name, extra });
  }

  #intern(key: string, made: NamedPackage): NamedPackage {
    const before = this.#named.get(key);
    if (before) return before;
    this.#named.set(key, made);
    return made;
  }
}
