/** `copse doctor`: where things are on this machine, and what stands in the way. */
import { statfsSync } from "node:fs";
import { cacheDirectory, loadAptConfiguration } from "#fetch";
import { probeHost } from "#sandbox";
import { locateStore } from "#store";
import type { Command, CommandContext } from "../command.ts";
import { hostSystem } from "../host-system.ts";

interface Finding {
  readonly topic: string;
  readonly state: "ok" | "problem" | "note";
  readonly text: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export const command: Command = {
  name: "doctor",
  summary: "show where things are on this machine and what stands in the way",
  usage: "[--json]",
  maxPositionals: 0,
  options: [{ names: ["--json"], help: "print the findings as JSON" }],
  async run(line, context) {
    const findings = [...machine(), ...store(context), ...sources(), ...(await sandbox())];
    if (line.has("--json")) context.output.json(findings);
    else for (const finding of findings) context.output.line(show(finding));
    return findings.some((finding) => finding.state === "problem") ? 1 : 0;
  },
};

function show({ topic, state, text, remedy }: Finding): string {
  const mark = { ok: "ok", problem: "PROBLEM", note: "note" }[state];
  return `${topic.padEnd(12)} ${mark.padEnd(8)} ${text}${remedy === undefined ? "" : `\n${" ".repeat(22)}${remedy}`}`;
}

function machine(): Finding[] {
  return [
    { topic: "system", state: "ok", text: hostSystem() },
    { topic: "node", state: "ok", text: `${process.version}, ${process.execPath}` },
  ];
}

/** Below this, unpacking an environment is likely to fill the disk. */
const ROOMY_BYTES = 5e9;

function store(context: CommandContext): Finding[] {
  const place = locateStore(context.env);
  const text =
    place.prefix === "" ? place.realStoreDir : `${place.realStoreDir}, seen as ${place.storeDir} inside`;
  const findings: Finding[] = [{ topic: "store", state: "ok", text }];
  const free = freeBytes(place.realStoreDir);
  if (free !== undefined) {
    const roomy = free > ROOMY_BYTES;
    findings.push({
      topic: "disk",
      state: roomy ? "ok" : "problem",
      text: `${(free / 1e9).toFixed(1)} GB free for the store`,
      ...(!roomy && { remedy: "set COPSE_STORE to a folder on a larger local disk" }),
    });
  }
  findings.push({ topic: "cache", state: "ok", text: cacheDirectory(context.env) });
  return findings;
}

/** Of the nearest folder that exists. */
function freeBytes(path: string): number | undefined {
  for (let folder = path; folder !== ""; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") return undefined;
    }
  }
  return undefined;
}

function sources(): Finding[] {
  const { sources: configured } = loadAptConfiguration();
  const suites = [...new Set(configured.map((source) => source.suite))];
  if (suites.length > 0) return [{ topic: "apt", state: "ok", text: `suites ${suites.join(", ")}` }];
  return [
    {
      topic: "apt",
      state: "problem",
      text: "no Debian archive is configured",
      remedy: "add a source to /etc/apt/sources.list.d, as described in sources.list(5)",
    },
  ];
}

async function sandbox(): Promise<Finding[]> {
  const facts = await probeHost();
  const entry = { root: "with root's own powers", user: "through a user namespace", none: "not at all" }[
    facts.entry
  ];
  return [
    {
      topic: "entering",
      state: facts.entry === "none" ? "problem" : "ok",
      text: `environments are entered ${entry}`,
    },
    {
      topic: "util-linux",
      state: facts.utilLinux === undefined ? "problem" : "ok",
      text: facts.utilLinux ?? "not found",
    },
    { topic: "overlay", state: "note", text: facts.overlay ? "available" : "not available, and not needed" },
    ...facts.problems.map(
      (problem): Finding => ({
        topic: "sandbox",
        state: "problem",
        text: problem.message,
        remedy: problem.remedy,
      }),
    ),
  ];
}
