/** `copse derivation show`: derivations as JSON. */
import { DERIVATION_JSON_VERSION, derivationToJson, type Json, storePathBase } from "#format";
import type { Command } from "../../command.ts";
import { derivationOf, INSTALLABLE_OPTIONS, readInstallables } from "../../installables.ts";
import { JSON_OPTIONS, printJsonTree } from "../../json-output.ts";
import { openSession } from "../../session.ts";
import { closureOf } from "../../store/store-queries.ts";

export const command: Command = {
  name: "derivation show",
  summary: "show derivations as JSON",
  usage: "[OPTIONS] INSTALLABLE...",
  options: [
    { names: ["--recursive", "-r"], help: "and all derivations that they need" },
    ...INSTALLABLE_OPTIONS,
    ...JSON_OPTIONS,
  ],
  async run(line, context) {
    await using session = openSession(line, context);
    const { store } = session;
    const named = readInstallables(line, context, session).map((each) => derivationOf(store, each));
    const paths = line.has("--recursive") ? closureOf(store, named) : named;
    const derivations = paths
      .filter((path) => path.endsWith(".drv"))
      .map((path): [string, Json] => [storePathBase(path), derivationToJson(store.readDerivation(path))]);
    printJsonTree(
      line,
      context,
      new Map<string, Json>([
        ["version", DERIVATION_JSON_VERSION],
        ["derivations", new Map(derivations)],
      ]),
    );
    return 0;
  },
};
