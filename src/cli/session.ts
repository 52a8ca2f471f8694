/** A session with the settings that a command line gives. */
import { availableParallelism } from "node:os";
import { CopseError } from "#base";
import { Session } from "#build";
import type { CommandLine } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { hostSystem } from "./host-system.ts";

/** Connections for downloads: many packages are small, so latency counts more than bandwidth. */
const DOWNLOADS_AT_ONCE = 8;

export function openSession(
  line: CommandLine,
  context: CommandContext,
  options: { readonly updateLock?: boolean } = {},
): Session {
  const processors = availableParallelism();
  return new Session({
    env: context.env,
    system: readSystem(line),
    frozen: line.has("--frozen"),
    updateLock: options.updateLock ?? false,
    realise: {
      maxJobs: count(line, "--max-jobs") ?? processors,
      maxDownloads: DOWNLOADS_AT_ONCE,
      cores: count(line, "--cores") ?? processors,
      keepGoing: line.has("--keep-going"),
      keepFailed: line.has("--keep-failed"),
    },
    progress: (event) => context.output.progress(event),
    get signal() {
      return context.signal;
    },
  });
}

/** The systems that Debian packages can be locked for, whatever this machine is. */
const SYSTEMS = ["x86_64-linux", "aarch64-linux"];

function readSystem(line: CommandLine): string {
  const named = line.value("--system");
  if (named === undefined) return hostSystem();
  if (SYSTEMS.includes(named)) return named;
  throw new CopseError("option-value", `Option --system names a system that is not known: \`${named}\``, {
    hint: `known are ${SYSTEMS.join(", ")}`,
  });
}

/** `--cores 0` means all of them, as in Nix. */
function count(line: CommandLine, name: string): number | undefined {
  const text = line.value(name);
  if (text === undefined || text === "auto" || text === "0") return undefined;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CopseError("option-value", `Option ${name} takes a number: \`${text}\``);
}
