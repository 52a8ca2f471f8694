/**
 * What a derivation demands of its outputs, looked at between scanning and registering: their size and that of their
 * closures, and which paths they may or may not refer to, directly (references) or at all (requisites). A list of
 * allowed ones that is empty allows nothing, one that is missing everything. First lines are those of Nix.
 */
import { CopseError } from "#base";
import type { StorePath } from "#format";
import type { PathInfo, Store } from "#store";
import type { BuildTask } from "./context.ts";
import { type OutputChecks, parseDerivationOptions, type ReferenceSpecifier } from "./derivation-options.ts";

/** `made`: what the build's outputs would be registered as. Throws CopseError `output-rejected`, `output-cycle`. */
export function checkOutputs(task: BuildTask, made: readonly PathInfo[]): void {
  const byPath = new Map(made.map((info) => [info.path, info]));
  const options = parseDerivationOptions(task.drv);
  const outputs = new Map<string, StorePath>();
  for (const [name, { path }] of task.drv.outputs) if (path !== "") outputs.set(name, path);
  checkCycles(task, { outputs, byPath });
  for (const [name, path] of outputs) {
    const info = byPath.get(path);
    const checks = options.checksOf(name);
    if (info && checks) new OutputCheck({ task, name, info, checks, byPath, outputs }).run();
  }
}

interface MadeOutputs {
  readonly outputs: ReadonlyMap<string, StorePath>;
  readonly byPath: ReadonlyMap<StorePath, PathInfo>;
}

/** Outputs that refer to each other could not be removed one after the other. */
function checkCycles(task: BuildTask, { outputs, byPath }: MadeOutputs): void {
  const nameOf = new Map([...outputs].map(([name, path]) => [path, name]));
  const finished = new Set<string>();
  const underway: string[] = [];
  const visit = (name: string): void => {
    if (finished.has(name)) return;
    const parent = underway.at(-1);
    if (underway.includes(name)) {
      throw new CopseError(
        "output-cycle",
        `cycle detected in build of '${task.drvPath}' in the references of output '${name}' from output '${parent}'`,
      );
    }
    underway.push(name);
    const path = outputs.get(name) as StorePath;
    for (const reference of byPath.get(path)?.references ?? []) {
      const other = nameOf.get(reference);
      if (other !== undefined && other !== name) visit(other);
    }
    underway.pop();
    finished.add(name);
  };
  for (const name of [...outputs.keys()].sort()) visit(name);
}

interface CheckedOutput extends MadeOutputs {
  readonly task: BuildTask;
  readonly name: string;
  readonly info: PathInfo;
  readonly checks: OutputChecks;
}

class OutputCheck {
  readonly #output: CheckedOutput;

  constructor(output: CheckedOutput) {
    this.#output = output;
  }

  run(): void {
    const { info, checks } = this.#output;
    if (checks.maxSize !== undefined && BigInt(info.narSize) > checks.maxSize) {
      throw rejected(
        `path '${info.path}' is too large at ${info.narSize} bytes; limit is ${checks.maxSize} bytes`,
      );
    }
    if (checks.maxClosureSize !== undefined) {
      const size = this.#closure().reduce((sum, { narSize }) => sum + narSize, 0);
      if (BigInt(size) > checks.maxClosureSize) {
        throw rejected(
          `closure of path '${info.path}' is too large at ${size} bytes; limit is ${checks.maxClosureSize} bytes`,
        );
      }
    }
    const { allowedReferences, allowedRequisites } = checks;
    if (allowedReferences) this.#check(info.references, { allowed: allowedReferences });
    if (allowedRequisites) this.#check(this.#requisites(), { allowed: allowedRequisites });
    if (checks.disallowedReferences.length > 0)
      this.#check(info.references, { disallowed: checks.disallowedReferences });
    if (checks.disallowedRequisites.length > 0)
      this.#check(this.#requisites(), { disallowed: checks.disallowedRequisites });
  }

  #requisites(): StorePath[] {
    const { info, checks } = this.#output;
    const paths = this.#closure().map(({ path }) => path);
    return checks.ignoreSelfReferences ? paths.filter((path) => path !== info.path) : paths;
  }

  /** Other outputs among it may not be registered yet. */
  #closure(): PathInfo[] {
    const { task, info, byPath } = this.#output;
    const closure = new Map<StorePath, PathInfo>();
    const left = [info.path];
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      if (closure.has(path)) continue;
      const found = byPath.get(path) ?? validInfo(task.services.store, path);
      closure.set(path, found);
      left.push(...found.references);
    }
    return [...closure.values()];
  }

  #check(
    used: readonly StorePath[],
    list:
      | { readonly allowed: readonly ReferenceSpecifier[] }
      | { readonly disallowed: readonly ReferenceSpecifier[] },
  ): void {
    const isAllowed = "allowed" in list;
    const named = new Set((isAllowed ? list.allowed : list.disallowed).map((one) => this.#pathOf(one)));
    const bad = used.filter((path) => named.has(path) !== isAllowed).sort();
    if (bad.length === 0) return;
    const paths = bad.map((path) => `\n  ${path}`).join("");
    throw rejected(
      `output '${this.#output.info.path}' is not allowed to refer to the following paths:${paths}`,
    );
  }

  #pathOf(specifier: ReferenceSpecifier): StorePath {
    if (specifier.kind === "path") return specifier.path;
    const { task, name, outputs, byPath } = this.#output;
    const path = outputs.get(specifier.name);
    if (path !== undefined) return path;
    const made = [...outputs].filter(([, itsPath]) => byPath.has(itsPath)).map(([output]) => output);
    throw rejected(
      `derivation '${task.drvPath}' output check for '${name}' contains output name '${specifier.name}',` +
        ` but this is not a valid output of this derivation. (Valid outputs are [${made.sort().join(", ")}].)`,
    );
  }
}

function validInfo(store: Store, path: StorePath): PathInfo {
  const info = store.queryInfo(path);
  if (info) return info;
  throw new CopseError("path-invalid", `path '${path}' is not valid`);
}

function rejected(message: string): CopseError {
  return new CopseError("output-rejected", message);
}
