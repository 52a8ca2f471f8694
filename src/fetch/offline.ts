/**
 * Working without the network. `--offline`, or `COPSE_OFFLINE=1`, says that nobody is to be asked: what is in the caches
 * and on this machine's disk is used, however old, and what is not there is an error at once, with nothing to wait for.
 */
import { CopseError, isCopseError } from "#base";

export type OfflineEnvironment = Readonly<Record<string, string | undefined>>;

export const OFFLINE_VARIABLE = "COPSE_OFFLINE";

export function wantsOffline(env: OfflineEnvironment): boolean {
  return !["", "0"].includes(env[OFFLINE_VARIABLE] ?? "");
}

/** `what` begins a sentence: "Page", "Repository". */
export function offlineError(what: string, shown: string): CopseError {
  return new CopseError(
    "offline",
    `${what} is not in the cache, and the network is not asked: \`${shown}\``,
    {
      hint: "run the same command once without --offline (or COPSE_OFFLINE)",
    },
  );
}

/** Whether an error says that the network was not to be asked. */
export function isOffline(error: unknown): boolean {
  return isCopseError(error, "offline");
}
