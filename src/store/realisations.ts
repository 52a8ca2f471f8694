/**
 * Outputs whose paths only building finds out, and what they came to be: looked up and remembered by the hash of their
 * derivation. Nothing is known and nothing remembered unless floating outputs are switched on.
 */
import { CopseError } from "#base";
import {
  type Derivation,
  formatPrefixedHash,
  hashDerivationModulo,
  type OutputHashes,
  type StorePath,
} from "#format";
import type { DrvOutput } from "./db/realisations.ts";
import type { StoreContext } from "./store-context.ts";

export class Realisations {
  readonly #context: StoreContext;
  readonly #readDerivation: (path: StorePath) => Derivation;
  /** As inputs of others. What a derivation's path names never changes. */
  readonly #inputHashes = new Map<StorePath, OutputHashes>();

  constructor(context: StoreContext, readDerivation: (path: StorePath) => Derivation) {
    this.#context = context;
    this.#readDerivation = readDerivation;
  }

  get isOn(): boolean {
    return this.#context.settings["experimental-features"].includes("ca-derivations");
  }

  /** Those outputs that have been realised, all of them valid. */
  outputsOf(drv: Derivation): Map<string, StorePath> {
    const { db } = this.#context;
    const found = new Map<string, StorePath>();
    if (!this.isOn || !db.hasRealisations) return found;
    for (const [name, drvOutput] of this.#drvOutputs(drv)) {
      const path = db.queryRealisation(drvOutput);
      if (path !== undefined) found.set(name, path);
    }
    return found;
  }

  /** Of valid paths, all or none. Throws CopseError `realisation-conflict`. */
  register(drv: Derivation, outputs: ReadonlyMap<string, StorePath>): void {
    if (!this.isOn) return;
    const { db } = this.#context;
    const drvOutputs = this.#drvOutputs(drv);
    db.transaction(() => {
      for (const [name, path] of outputs) {
        const drvOutput = drvOutputs.get(name);
        if (drvOutput === undefined) throw noSuchOutput(drv, name);
        db.registerRealisation(drvOutput, path);
      }
    });
  }

  #drvOutputs(drv: Derivation): Map<string, DrvOutput> {
    const { hashes } = hashDerivationModulo(drv, (input) => this.#hashesOf(input), { maskOutputs: true });
    return new Map(
      [...hashes].map(([output, hash]) => [output, { drvHash: formatPrefixedHash(hash, "base16"), output }]),
    );
  }

  #hashesOf(drvPath: StorePath): OutputHashes {
    const known =
      this.#inputHashes.get(drvPath) ??
      hashDerivationModulo(this.#readDerivation(drvPath), (input) => this.#hashesOf(input));
    this.#inputHashes.set(drvPath, known);
    return known;
  }
}

function noSuchOutput({ name }: Derivation, output: string): CopseError {
  return new CopseError("output-unknown", `derivation '${name}' does not have output '${output}'`);
}
