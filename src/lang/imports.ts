/** `import`: which file a path means, and each file evaluated once. */
import type { ByteString, Source } from "#base";
import { withFileErrors } from "./builtins/realise.ts";
import {
  Attrs,
  ContextString,
  canonicalPath,
  delay,
  type Evaluation,
  evalError,
  force,
  type Lazy,
  StringContext,
  type Value,
} from "./runtime/mod.ts";
import { readSource } from "./units.ts";

const MAX_LINKS = 1024;

export type RunSource = (source: Source, baseDir: ByteString, scope: Attrs | undefined) => Value;

export class Imports {
  readonly #evaluation: Evaluation;
  readonly #run: RunSource;
  /** By the path as it was asked for. */
  readonly #resolved = new Map<ByteString, ByteString>();
  /** Lazy, so that a file that imports itself is infinite recursion and not an endless loop. */
  readonly #files = new Map<ByteString, Lazy>();

  constructor(evaluation: Evaluation, run: RunSource) {
    this.#evaluation = evaluation;
    this.#run = run;
  }

  file(path: ByteString): Value {
    if (this.#isDerivation(path)) return this.#derivation(path);
    const resolved = this.#resolve(path);
    let value = this.#files.get(resolved);
    if (value === undefined) {
      value = delay(() => this.#evaluate(resolved, undefined));
      this.#files.set(resolved, value);
    }
    return force(value);
  }

  scoped(path: ByteString, scope: Attrs): Value {
    return this.#evaluate(this.#resolve(path), scope);
  }

  #evaluate(path: ByteString, scope: Attrs | undefined): Value {
    const bytes = withFileErrors(path, () => this.#evaluation.host.readFile(path));
    const source = readSource(path, bytes);
    return this.#run(source, path.slice(0, path.lastIndexOf("/")) || "/", scope);
  }

  /** A link is followed, so that relative paths in the file start from where it really is; then default.nix. */
  #resolve(path: ByteString): ByteString {
    const known = this.#resolved.get(path);
    if (known !== undefined) return known;
    const { host } = this.#evaluation;
    let current = path;
    for (let links = 0; ; links++) {
      this.#evaluation.checkAccess(current);
      const kind = host.fileKind(current);
      if (kind === "directory") current = canonicalPath(`${current}/default.nix`);
      if (kind !== "symlink") break;
      if (links >= MAX_LINKS) throw evalError("eval-error", `too many symbolic links in path '${path}'`);
      const target = host.readLink(current);
      current = canonicalPath(target.startsWith("/") ? target : `${current}/../${target}`);
    }
    this.#resolved.set(path, current);
    return current;
  }

  #isDerivation(path: ByteString): boolean {
    const { host } = this.#evaluation;
    const isInStore =
      path.startsWith(`${host.storeDir}/`) && !path.slice(host.storeDir.length + 1).includes("/");
    return (
      isInStore && path.endsWith(".drv") && host.isValidPath(path as Parameters<typeof host.isValidPath>[0])
    );
  }

  /** A set like the one that `derivation` made it from, as far as the .drv file tells. */
  #derivation(path: ByteString): Value {
    const { host } = this.#evaluation;
    const derivation = host.readDerivation(path as Parameters<typeof host.readDerivation>[0]);
    const shared = new Map<ByteString, Lazy>();
    const outputs = [...derivation.outputs].map(([name, output]): [ByteString, Lazy] => {
      const context = StringContext.of({ kind: "built", drvPath: path, output: name });
      const outPath = new ContextString(output.path, context);
      const entries = (): [ByteString, Lazy][] => [...shared, ["outPath", outPath], ["outputName", name]];
      return [name, delay(() => Attrs.fromEntries(entries()))];
    });
    for (const [name, output] of outputs) shared.set(name, output);
    shared.set(
      "all",
      outputs.map(([, output]) => output),
    );
    shared.set("drvPath", new ContextString(path, StringContext.of({ kind: "drv-deep", drvPath: path })));
    shared.set("name", derivation.name);
    shared.set("type", "derivation");
    const [first] = outputs;
    if (first === undefined) throw evalError("eval-error", `derivation '${path}' has no outputs`);
    return force(first[1]);
  }
}
