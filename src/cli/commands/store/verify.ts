/**
 * `copse store verify`: whether store paths have the contents that they were registered with, and whether somebody
 * who is trusted vouches for them: this machine built them, or their name follows from their contents, or a trusted
 * key signed them.
 */
import { readFileSync } from "node:fs";
import { isCopseError } from "#base";
import {
  isSignedBy,
  type PublicKey,
  parsePublicKey,
  parseSecretKey,
  publicKeyOf,
  type StorePath,
} from "#format";
import type { PathInfo, Store } from "#store";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { openSession } from "../../session.ts";
import { isContentAddressed } from "../../store/content-address.ts";
import { PATHS_OPTIONS, readPaths } from "../../store/store-path-arguments.ts";
import { infoOf } from "../../store/store-queries.ts";
import { modifiedMessage } from "../../store/verifying.ts";
import { usageError } from "../../usage-error.ts";

/** Parts of the exit code. */
const CORRUPTED = 1;
const UNTRUSTED = 2;
const FAILED = 4;

export const command: Command = {
  name: "store verify",
  summary: "check contents and signatures of store paths",
  usage: "[OPTIONS] INSTALLABLE...",
  options: [
    { names: ["--no-contents"], help: "do not look at the files" },
    { names: ["--no-trust"], help: "do not look at signatures" },
    {
      names: ["--sigs-needed", "-n"],
      values: ["N"],
      help: "how many trusted keys must have signed each path; also those built here",
    },
    ...PATHS_OPTIONS,
  ],
  details:
    "Exit code: 1 where contents are not as they were, plus 2 where a path is not trusted, plus 4 for other errors.",
  async run(line, context) {
    await using session = openSession(line, context);
    const { store } = session;
    const check: Check = { store, context, line, keys: trustedKeys(context), needed: readNeeded(line) };
    let code = 0;
    for (const path of readPaths(line, context, session)) code |= await checkPath(path, check);
    return code;
  },
};

interface Check {
  readonly store: Store;
  readonly context: CommandContext;
  readonly line: CommandLine;
  readonly keys: readonly PublicKey[];
  readonly needed: number;
}

async function checkPath(path: StorePath, check: Check): Promise<number> {
  const { store, context, line } = check;
  context.output.note(`checking '${path}'...`);
  try {
    let code = 0;
    const info = infoOf(store, path);
    if (!line.has("--no-contents")) {
      const result = await store.verifyPath(path, context.signal);
      if (!result.isIntact) {
        context.output.problem(modifiedMessage(path, result));
        code |= CORRUPTED;
      }
    }
    if (!line.has("--no-trust") && !isTrusted(info, check)) {
      context.output.problem(`path '${path}' is untrusted`);
      code |= UNTRUSTED;
    }
    return code;
  } catch (error) {
    if (!isCopseError(error) || context.signal.aborted) throw error;
    context.output.error(error);
    return FAILED;
  }
}

function isTrusted(info: PathInfo, { keys, needed }: Check): boolean {
  if ((info.ultimate && needed === 0) || isContentAddressed(info)) return true;
  const valid = new Set(info.signatures).values().filter((signature) => isSignedBy(info, signature, keys));
  return [...valid].length >= Math.max(needed, 1);
}

function trustedKeys({ settings }: CommandContext): PublicKey[] {
  const own = settings["secret-key-files"].flatMap((file) => {
    const text = readIfAllowed(file);
    return text === undefined ? [] : [publicKeyOf(parseSecretKey(text))];
  });
  return [...settings["trusted-public-keys"].map(parsePublicKey), ...own];
}

/** Secret keys that this user may not read are another's: that is usual. */
function readIfAllowed(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "ENOENT" || code === "EPERM") return undefined;
    throw error;
  }
}

function readNeeded(line: CommandLine): number {
  const text = line.value("--sigs-needed") ?? "0";
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`'${text}' is not an integer`);
}
