/** The links that a build leaves: result, result-2, result-dev. */
import type { BuiltOutput } from "#build";

/** The links' names: one number for each derivation, the output's name unless it is `out`. */
export function resultLinks(prefix: string, built: readonly BuiltOutput[]): Map<string, BuiltOutput> {
  const numbers = new Map<string, number>();
  const links = new Map<string, BuiltOutput>();
  for (const result of built) {
    const number = numbers.get(result.drvPath) ?? numbers.size;
    numbers.set(result.drvPath, number);
    const name = number === 0 ? prefix : `${prefix}-${number + 1}`;
    links.set(result.output === "out" ? name : `${name}-${result.output}`, result);
  }
  return links;
}
