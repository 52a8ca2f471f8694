/**
 * Derivations that come from elsewhere: whether the output paths that one states are those that it leads to. Otherwise a
 * derivation could claim any path of the store as its own, and what it builds would stand where something else belongs.
 * What evaluation makes is right by construction.
 */
import { CopseError } from "#base";
import {
  type Derivation,
  fillOutputPaths,
  fixedOutput,
  hashDerivationModulo,
  type OutputHashes,
  type StorePath,
} from "#format";
import { derivationOutputs, readDerivationFile } from "./derivation-file.ts";

/** Where the files of logical paths are. */
type RealPath = (path: StorePath) => string;

/**
 * The known outputs of a derivation whose file is in place, as are those of all that it builds on. Throws CopseError
 * `derivation-output-wrong`, and what reading throws.
 */
export function checkedOutputs(path: StorePath, realPath: RealPath): Map<string, StorePath> {
  const drv = readDerivationFile(path, realPath(path));
  checkOutputPaths(drv, realPath);
  return derivationOutputs(drv);
}

function checkOutputPaths(drv: Derivation, realPath: RealPath): void {
  // Those whose paths only building finds out state none.
  if ([...drv.outputs.values()].some(({ path }) => path === "")) return;
  const hashes = new Map<StorePath, OutputHashes>();
  const inputHash = (input: StorePath): OutputHashes => {
    const known =
      hashes.get(input) ?? hashDerivationModulo(readDerivationFile(input, realPath(input)), inputHash);
    hashes.set(input, known);
    return known;
  };
  const right = fillOutputPaths(drv, inputHash);
  for (const [name, { path }] of drv.outputs) {
    const expected = right.outputs.get(name)?.path ?? "";
    if (path !== expected)
      throw wrong(
        `derivation has incorrect output '${path}', should be ${expected === "" ? "deferred" : `'${expected}'`}`,
        drv,
      );
    const variable = drv.env.get(name);
    if (variable === undefined) {
      const problem = `derivation has missing environment variable '${name}', should be '${path}' but is not present`;
      throw wrong(problem, drv);
    }
    if (variable !== path) {
      const problem = `derivation has incorrect environment variable '${name}', should be '${path}' but is actually '${variable}'`;
      throw wrong(problem, drv);
    }
  }
}

function wrong(message: string, drv: Derivation): CopseError {
  const kind = fixedOutput(drv) ? "its hash" : "its text";
  return new CopseError("derivation-output-wrong", message, {
    hint: `the paths of ${drv.name} follow from ${kind}: whoever made this derivation did so in another way`,
  });
}
