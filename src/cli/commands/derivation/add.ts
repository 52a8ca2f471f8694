/** `copse derivation add`: writes the derivation that JSON describes to the store. */
import { readFileSync } from "node:fs";
import { byteStringFromBytes, CopseError, requireFeature } from "#base";
import {
  type Derivation,
  derivationFromJson,
  derivationKind,
  derivationPath,
  fillOutputPaths,
  hashDerivationModulo,
  type InputHash,
  type OutputHashes,
  parseJsonText,
  type StorePath,
} from "#format";
import type { Store } from "#store";
import type { Command } from "../../command.ts";
import { openSession } from "../../session.ts";

export const command: Command = {
  name: "derivation add",
  summary: "add the derivation on the standard input, in the form of `derivation show`",
  usage: "[--dry-run]",
  maxPositionals: 0,
  options: [{ names: ["--dry-run"], help: "print where it would be, and add nothing" }],
  details: `
One derivation is read, as below "derivations" in what \`derivation show\` prints.`,
  async run(line, context) {
    const given = derivationFromJson(parseJsonText(byteStringFromBytes(readFileSync(0))));
    await using session = openSession(line, context);
    const { store } = session;
    requireFeatures(given, context.settings["experimental-features"]);
    const drv = fillOutputPaths(given, inputHashIn(store));
    checkOutputs(given, drv);
    const path = derivationPath(drv);
    if (!line.has("--dry-run")) {
      store.addDerivation(drv, path);
      store.flush();
    }
    context.output.line(path);
    return 0;
  },
};

function requireFeatures(drv: Derivation, enabled: readonly string[]): void {
  if (derivationKind(drv) === "floating") requireFeature(enabled, "ca-derivations");
  const isText = [...drv.outputs.values()].some(({ hashAlgo }) => hashAlgo.startsWith("text:"));
  if (isText) requireFeature(enabled, "dynamic-derivations", "text-hashed output");
}

/** An output's path that is given must be the one that follows from the rest. */
function checkOutputs(given: Derivation, computed: Derivation): void {
  for (const [name, { path }] of given.outputs) {
    const expected = computed.outputs.get(name)?.path;
    if (path === "" || path === expected) continue;
    throw new CopseError(
      "derivation-output",
      `derivation has incorrect output '${path}', should be '${expected}'`,
    );
  }
}

/** The hashes of derivations in the store, each computed once. */
function inputHashIn(store: Store): InputHash {
  const known = new Map<StorePath, OutputHashes>();
  const inputHash: InputHash = (drvPath) => {
    const hashes = known.get(drvPath) ?? hashDerivationModulo(store.readDerivation(drvPath), inputHash);
    known.set(drvPath, hashes);
    return hashes;
  };
  return inputHash;
}
