/** `nix-collect-garbage`: deletes what nothing keeps, after removing old generations of profiles where asked. */
import { readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Command, CommandContext } from "../command.ts";
import { openSession } from "../session.ts";
import { collectAndReport, MAX_FREED_OPTION, readMaxFreed } from "../store/collecting.ts";
import { removeOldGenerationsBelow } from "../store/profile-generations.ts";
import { usageError } from "../usage-error.ts";

const DAY_SECONDS = 24 * 3600;

export const command: Command = {
  name: "nix-collect-garbage",
  summary: "delete what nothing keeps, as nix-collect-garbage does",
  usage: "[-d | --delete-older-than PERIOD] [--dry-run] [--max-freed BYTES]",
  maxPositionals: 0,
  options: [
    { names: ["--delete-old", "-d"], help: "first remove all generations of profiles but the current ones" },
    {
      names: ["--delete-older-than"],
      values: ["PERIOD"],
      help: "the same for those that were current only before that; 30d: thirty days ago",
    },
    { names: ["--dry-run"], help: "say what would be deleted, and delete nothing" },
    MAX_FREED_OPTION,
  ],
  async run(line, context) {
    const dryRun = line.has("--dry-run");
    const maxFreedBytes = readMaxFreed(line);
    if (dryRun && maxFreedBytes !== undefined)
      throw usageError("options --max-freed and --dry-run cannot be combined");
    const period = line.value("--delete-older-than");
    const olderThan = period === undefined ? undefined : Date.now() / 1000 - readPeriod(period);
    await using session = openSession(line, context);
    const { store } = session;
    if (line.has("--delete-old") || period !== undefined) {
      const options = {
        olderThan,
        dryRun,
        note: (text: string) => context.output.note(text),
        signal: context.signal,
      };
      for (const folder of profileFolders(context, store.place.stateDir))
        await removeOldGenerationsBelow(folder, options);
    }
    await collectAndReport(store, context, {
      action: dryRun ? "return-dead" : "delete-dead",
      maxFreedBytes,
    });
    return 0;
  },
};

/** Days, as `30d`. @throws CopseError `usage`. */
function readPeriod(text: string): number {
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  if (days !== undefined && Number(days) >= 1) return Number(days) * DAY_SECONDS;
  throw usageError(`invalid number of days specifier '${text}', expected something like '14d'`);
}

/** Where profiles are: the system's, the user's own, and wherever `~/.nix-profile` leads. */
function profileFolders(context: CommandContext, stateDir: string): Set<string> {
  const home = context.env["HOME"] ?? homedir();
  const ownState = context.env["XDG_STATE_HOME"] ?? join(home, ".local/state");
  const own =
    process.geteuid?.() === 0 ? `${stateDir}/profiles/per-user/root` : join(ownState, "nix/profiles");
  const usesXdg = context.settings["use-xdg-base-directories"];
  const link = usesXdg ? join(ownState, "nix/profile") : join(home, ".nix-profile");
  return new Set([own, `${stateDir}/profiles`, dirname(followedOnce(link))]);
}

function followedOnce(link: string): string {
  try {
    return resolve(dirname(link), readlinkSync(link));
  } catch {
    // No profile was made yet, or it is no link.
    return link;
  }
}
