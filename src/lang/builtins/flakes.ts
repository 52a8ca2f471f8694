/** Flakes from within expressions. Commands know flakes; these functions are not written yet and say so. */
import { evalError } from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";

function notYet(name: string): never {
  throw evalError("eval-error", `copse does not have the builtin '${name}' yet`);
}

export const flakeBuiltins = defineFunctions({
  getFlake: {
    args: ["reference"],
    doc: "The outputs of a flake. Not written yet.",
    run: () => notYet("getFlake"),
  },
  parseFlakeRef: {
    args: ["reference"],
    doc: "A flake reference as a set. Not written yet.",
    run: () => notYet("parseFlakeRef"),
  },
  flakeRefToString: {
    args: ["attrset"],
    doc: "A flake reference as a string. Not written yet.",
    run: () => notYet("flakeRefToString"),
  },
});
