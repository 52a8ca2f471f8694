/** `copse store init`: makes a store where there is none yet: one's own, or with --system the machine's `/nix`. */
import { chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { CopseError } from "#base";
import { openStore, type StorePlace, storePlace } from "#store";
import type { Command, CommandContext } from "../../command.ts";
import { openSession } from "../../session.ts";

export const command: Command = {
  name: "store init",
  summary: "make a store where there is none yet",
  usage: "[--system]",
  maxPositionals: 0,
  options: [
    {
      names: ["--system"],
      help: "make /nix for this machine, owned by the user who calls sudo",
    },
  ],
  details: `
Without --system this is only needed to see whether it works: a store of your own is made when it is first used.
With /nix there, other Nix programs work on the same store, and paths are where their names say.
  sudo copse store init --system`,
  async run(line, context) {
    const place = line.has("--system") ? await makeSystemStore(context) : await makeOwnStore(line, context);
    context.output.note(`the store is ${place.realStoreDir}`);
    return 0;
  },
};

async function makeOwnStore(
  line: Parameters<Command["run"]>[0],
  context: CommandContext,
): Promise<StorePlace> {
  await using session = openSession(line, context);
  return session.store.place;
}

async function makeSystemStore(context: CommandContext): Promise<StorePlace> {
  const place = storePlace("");
  const top = dirname(place.storeDir);
  const owner = ownerFrom(context.env);
  const isNew = !existsSync(top);
  if (isNew) makeTop(top);
  await using _store = openStore(place);
  if (isNew && owner !== undefined) giveAway(top, owner);
  return place;
}

function makeTop(top: string): void {
  try {
    mkdirSync(top, { mode: 0o755 });
  } catch (cause) {
    if (!["EACCES", "EPERM", "EROFS"].includes((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
    throw new CopseError("store-init-denied", `You may not make this folder: \`${top}\``, {
      hint: "an administrator can: sudo copse store init --system; without it copse keeps a store in your home",
      cause,
    });
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who called sudo. Only a number that sudo itself may have set counts. */
function ownerFrom(env: CommandContext["env"]): Owner | undefined {
  const [uid, gid] = [env["SUDO_UID"], env["SUDO_GID"]];
  if (process.geteuid?.() !== 0 || !/^\d+$/.test(uid ?? "") || !/^\d+$/.test(gid ?? "")) return undefined;
  return { uid: Number(uid), gid: Number(gid) };
}

/** The few folders and files of a store that is empty. */
function giveAway(path: string, { uid, gid }: Owner): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) giveAway(child, { uid, gid });
    else chownSync(child, uid, gid);
  }
  chownSync(path, uid, gid);
}
