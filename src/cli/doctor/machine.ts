/** The machine, and what it lets a process do. */
import { release } from "node:os";
import { type HostFacts, probeHost, readProcessStatus } from "#sandbox";
import { hostSystem } from "../host-system.ts";
import type { Finding } from "./finding.ts";

export function checkMachine(): Finding[] {
  const { umask } = readProcessStatus();
  const closed = (Number.parseInt(umask, 8) & 0o055) !== 0;
  const findings: Finding[] = [
    { check: "system", state: "ok", result: `${hostSystem()}, Linux ${release()}` },
    { check: "node", state: "ok", result: `${process.version}, ${process.execPath}` },
  ];
  if (closed) {
    findings.push({
      check: "umask",
      state: "note",
      result: umask,
      meaning:
        "Your own new files are closed to others. What is in the store has the same modes for everybody.",
    });
  }
  return findings;
}

export async function checkEntering(): Promise<Finding[]> {
  const facts = await probeHost();
  return [entering(facts), building(facts), ...tools(facts), layer(facts), ...guards(facts)];
}

function entering(facts: HostFacts): Finding {
  const check = "entering";
  const [reason] = facts.problems;
  const wayOut = reason && { wayOut: reason.remedy };
  if (facts.entry === "root") return { check, state: "ok", result: "with root's own powers" };
  if (facts.entry === "user") return { check, state: "ok", result: "in a user namespace" };
  if (facts.fallback === "bubblewrap") {
    const meaning = "bwrap stays between; the host's programs and copse itself cannot be called from inside.";
    return { check, state: "limited", result: `by bwrap. ${reason?.message}`, meaning, ...wayOut };
  }
  if (facts.fallback === "tracer") {
    const meaning =
      "Every call that names a path takes a detour: computing is not slower, starting programs and opening many files is, several times. The host's programs and copse itself cannot be called from inside.";
    return { check, state: "limited", result: `by a tracer. ${reason?.message}`, meaning, ...wayOut };
  }
  const result = `not at all. ${reason?.message ?? "It is forbidden"}, and processes may not be traced either`;
  return { check, state: "problem", result, ...wayOut };
}

function building(facts: HostFacts): Finding {
  const check = "building";
  if (facts.userNamespaces && facts.newProc) {
    return { check, state: "ok", result: "in a sandbox, apart from the machine and the network" };
  }
  const [reason] = facts.problems;
  const wayOut = reason && { wayOut: reason.remedy };
  if (facts.userNamespaces) {
    return { check, state: "problem", result: reason?.message ?? "no new /proc can be mounted", ...wayOut };
  }
  if (facts.tracing) {
    const meaning =
      "Builds see the machine's network and processes, and what has no root of its own is built in place.";
    return { check, state: "limited", result: "by a tracer, or in place", meaning };
  }
  const meaning = "Environments that are in the store, or in a cache, can be used; new ones cannot be made.";
  return { check, state: "problem", result: "not in roots", meaning, ...wayOut };
}

function tools(facts: HostFacts): Finding[] {
  const mine = facts.problems.filter(({ code }) => /^sandbox-(tool-missing|util-linux-old)$/.test(code));
  const [problem] = mine;
  if (!problem) return [{ check: "util-linux", state: "ok", result: facts.utilLinux ?? "there" }];
  return [{ check: "util-linux", state: "problem", result: problem.message, wayOut: problem.remedy }];
}

function layer(facts: HostFacts): Finding {
  if (facts.overlay) return { check: "overlay", state: "ok", result: "--writable works" };
  const meaning = "Only `--writable` needs it: Linux 5.11 or newer.";
  return { check: "overlay", state: "note", result: "no overlays in a user namespace", meaning };
}

function guards({ guards: found, problems }: HostFacts): Finding[] {
  if (found.length === 0) return [];
  const meaning =
    problems.length === 0 ? "They let all through that copse needs." : "See above for what they forbid.";
  return [{ check: "guards", state: "note", result: found.join(", "), meaning }];
}
