/**
 * The state of one random program: where its numbers come from, what it has bound so far and may therefore refer to,
 * and what the judge's version knows. The files beside this one make texts out of it.
 */
import { Random } from "#format/testing";

/** What appeared in Nix at some version; an older judge is not asked about it. */
export interface Features {
  /** `convertHash`, in 2.19. */
  readonly convertHash: boolean;
  /** `addDrvOutputDependencies`, in 2.20. */
  readonly addDrvOutputDependencies: boolean;
  /** Structured attributes, contexts and errors as they are today. */
  readonly current: boolean;
}

export function featuresOf(version: string): Features {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const since = (wanted: number): boolean => major > 2 || (major === 2 && minor >= wanted);
  return { convertHash: since(19), addDrvOutputDependencies: since(20), current: since(30) };
}

export interface Binding {
  readonly name: string;
  readonly text: string;
}

export interface BoundDerivation extends Binding {
  readonly outputs: readonly string[];
}

export class Generator {
  readonly random: Random;
  readonly features: Features;
  /** All bindings in order; each refers to earlier ones only. */
  readonly bindings: Binding[] = [];
  readonly derivations: BoundDerivation[] = [];
  /** Results of `toFile` and of copied sources: strings whose context is plain store paths. */
  readonly files: Binding[] = [];
  /** Whether strings may hold bytes that are not UTF-8: JSON refuses them. */
  #allowsBytes = true;

  constructor(seed: number, features: Features) {
    this.random = new Random(seed);
    this.features = features;
  }

  bindDerivation(text: string, outputs: readonly string[]): BoundDerivation {
    const binding = { name: `drv${this.bindings.length}`, text, outputs };
    this.bindings.push(binding);
    this.derivations.push(binding);
    return binding;
  }

  bindFile(text: string): Binding {
    const binding = { name: `file${this.bindings.length}`, text };
    this.bindings.push(binding);
    this.files.push(binding);
    return binding;
  }

  get allowsBytes(): boolean {
    return this.#allowsBytes;
  }

  /** Runs `make` with strings that are valid UTF-8 only. */
  asText<T>(make: () => T): T {
    const before = this.#allowsBytes;
    this.#allowsBytes = false;
    try {
      return make();
    } finally {
      this.#allowsBytes = before;
    }
  }

  /** One of several ways to go on. */
  choose<T>(ways: readonly (() => T)[]): T {
    return this.random.pick(ways)();
  }

  list(limit: number, make: () => string): string {
    return `[ ${this.random.list(this.random.below(limit), make).join(" ")} ]`;
  }
}
