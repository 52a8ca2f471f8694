/** The two files of structured attributes, as a shell for the derivation gets them: with the paths of its outputs. */
import { byteStringFromText, textFromByteString } from "#base";
import type { StructuredAttributes } from "#build/warm";
import type { Derivation, StorePath } from "#format";
import type { Store } from "#store";
import type { DerivationOptions } from "../builders/derivation-options.ts";
import { referencesGraphJson } from "../builders/program/references-graph.ts";
import { formatAttrsJson, formatAttrsShell } from "../builders/program/structured-attrs.ts";

/** The derivation's inputs must be valid, where it wants a graph of references. */
export function structuredFiles(
  store: Store,
  drv: Derivation,
  options: DerivationOptions,
): StructuredAttributes | undefined {
  if (!options.structured) return undefined;
  const attrs = new Map(options.structured);
  attrs.set("outputs", new Map([...drv.outputs].map(([name, { path }]) => [byteStringFromText(name), path])));
  for (const [name, roots] of options.exportReferencesGraph) {
    const inputs = new Set(store.closure(inputPaths(store, drv)));
    attrs.set(name, referencesGraphJson({ store, roots, inputs }));
  }
  return {
    json: textFromByteString(formatAttrsJson(attrs)),
    sh: textFromByteString(formatAttrsShell(attrs)),
  };
}

function inputPaths(store: Store, drv: Derivation): StorePath[] {
  const outputs = [...drv.inputDrvs].flatMap(([drvPath, names]) => {
    const known = store.queryOutputs(drvPath);
    return names.flatMap((name) => known.get(name) ?? []);
  });
  return [...drv.inputSrcs, ...outputs];
}
