/**
 * Whether a program is built in the sandbox or in place, on the paths of the machine: by the setting `sandbox`, by the
 * derivation's own wish (`__noChroot`), and by what the store needs. A store whose files are elsewhere than its paths
 * say is seen at its own place in the sandbox only; and a derivation with a root of its own needs that as `/`.
 */
import { CopseError } from "#base";
import { fixedOutput } from "#format";
import type { BuildTask } from "../context.ts";
import type { DerivationOptions } from "../derivation-options.ts";

export type Isolation =
  | {
      readonly kind: "sandbox" /** Whether a machine without namespaces may build in place instead. */;
      readonly canFallBack: boolean;
    }
  | { readonly kind: "in-place" };

/** Throws CopseError `no-chroot`. */
export function chooseIsolation(task: BuildTask, options: DerivationOptions): Isolation {
  const { nix, store } = task.services;
  if (options.noChroot && nix.sandbox === "true") {
    throw new CopseError(
      "no-chroot",
      `derivation '${task.drvPath}' has '__noChroot' set, but that's not allowed when 'sandbox' is 'true'`,
    );
  }
  const isRelocated = store.place.realStoreDir !== store.place.storeDir;
  const needsSandbox = isRelocated || task.drv.env.has("sandboxRoot");
  if (options.noChroot && needsSandbox) {
    throw new CopseError(
      "no-chroot",
      `derivation '${task.drvPath}' has '__noChroot' set, but the files of this store are not at ${store.place.storeDir}`,
      {
        hint: "only in the sandbox is such a store seen at its own place; `copse store init --system` makes one that needs none",
      },
    );
  }
  if (needsSandbox) return { kind: "sandbox", canFallBack: false };
  const wantsNone =
    nix.sandbox === "false" ||
    (nix.sandbox === "relaxed" && (options.noChroot || fixedOutput(task.drv) !== undefined));
  return wantsNone ? { kind: "in-place" } : { kind: "sandbox", canFallBack: nix["sandbox-fallback"] };
}
