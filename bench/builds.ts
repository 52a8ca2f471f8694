/**
 * Trivial derivations built one after another: copse's nix-build beside C++ Nix's, in the sandbox and without it. What
 * is measured is what a build costs beside its builder, which is a shell that writes one line.
 *
 *     npm run bench:builds [-- --builds N] [--shell FILE] [--jobs N]
 *
 * Both tools build N derivations in stores of their own, in two halves that alternate, so that what else the machine does
 * meets both. FILE is a shell without libraries (Debian's `bash-static`), for a sandbox that holds nothing else. The CPU time
 * is that of all processes, also of those that outlive the one that started them.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Measurement, measure } from "./measure.ts";
import { type Row, report } from "./results.ts";

const { values } = parseArgs({
  options: {
    builds: { type: "string", default: "1000" },
    shell: { type: "string", default: "/usr/bin/bash-static" },
    jobs: { type: "string", default: "1" },
  },
});
const builds = Number(values.builds);
const HALVES = 2;
const nixBuild = join(process.env["COPSE_CPP_NIX"] ?? "", "nix-build");
const directory = mkdtempSync(join(tmpdir(), "copse-bench-builds-"));
/** Called by this name, copse is nix-build. */
const copse = join(directory, "nix-build");

type Tool = "copse" | "peer";
const programs: Readonly<Record<Tool, string>> = { copse, peer: nixBuild };

// Who is orphaned becomes this process's child, and is waited for.
const ADOPT_ORPHANS =
  "my ($call) = shift; syscall($call, 36, 1, 0, 0, 0) == 0 or die $!; my $first = fork; " +
  "if (!$first) { exec { $ARGV[0] } @ARGV; exit 127 } my $code = 0; " +
  "while ((my $pid = wait) > 0) { $code = $? if $pid == $first } exit($code >> 8 || $code)";
const PRCTL = process.arch === "arm64" ? "167" : "157";

try {
  symlinkSync(join(import.meta.dirname, "..", "bin", "copse"), copse);
  const rows: Row[] = [];
  for (const sandbox of [true, false]) rows.push(...(await rowsOf(sandbox)));
  const peer = execFileSync(nixBuild, ["--version"], { encoding: "utf8" }).trim();
  console.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(" ")}`,
  );
  report("builds", { title: `${builds} trivial derivations, ${values.jobs} at a time`, peer, rows });
} finally {
  execFileSync("chmod", ["-R", "u+w", directory]);
  rmSync(directory, { recursive: true });
}

async function rowsOf(sandbox: boolean): Promise<Row[]> {
  const runs: Record<Tool, Measurement[]> = { copse: [], peer: [] };
  for (let half = 0; half < HALVES; half++) {
    const outputs = [];
    for (const tool of ["copse", "peer"] as const) {
      const run = await build(tool, { sandbox, half });
      runs[tool].push(run);
      outputs.push(run.stdout);
    }
    if (outputs[0] !== outputs[1]) throw new Error("The tools built different paths");
  }
  const sum = (tool: Tool, key: "wallSeconds" | "cpuSeconds") =>
    runs[tool].reduce((total, run) => total + run[key], 0);
  return (["wallSeconds", "cpuSeconds"] as const).map((key) => ({
    name: `${sandbox ? "in the sandbox" : "without sandbox"}, ${key === "wallSeconds" ? "wall" : "processor"}`,
    unit: key === "wallSeconds" ? "s" : "CPU s",
    copse: sum("copse", key),
    peer: sum("peer", key),
  }));
}

function build(tool: Tool, { sandbox, half }: { sandbox: boolean; half: number }): Promise<Measurement> {
  const place = join(directory, `${tool}-${sandbox}`);
  const file = join(directory, `${sandbox}-${half}.nix`);
  mkdirSync(place, { recursive: true });
  writeFileSync(file, expression(half));
  // Without sandbox a store must lie where its paths say; both tools then have the same paths, one after the other.
  const own = join(directory, "in-place");
  const env = {
    ...{
      HOME: place,
      XDG_CACHE_HOME: join(place, "cache"),
      NIX_CONFIG: "build-users-group =\nsubstituters =\n",
    },
    ...(sandbox
      ? {}
      : {
          NIX_STORE_DIR: join(own, "store"),
          NIX_STATE_DIR: join(own, "state"),
          NIX_LOG_DIR: join(own, "log"),
        }),
  };
  if (!sandbox) freshFolder(own);
  const options = ["--no-out-link", "--max-jobs", values.jobs, "--option", "sandbox", String(sandbox)];
  const store = sandbox ? ["--store", join(place, "root")] : [];
  const command = [programs[tool], file, ...options, ...store];
  return measure(["perl", "-e", ADOPT_ORPHANS, PRCTL, ...command], { env });
}

function expression(half: number): string {
  const [first, count] = [Math.floor((builds * half) / HALVES), Math.floor(builds / HALVES)];
  return `let shell = "\${${values.shell}}"; in builtins.genList (n: let i = toString (n + ${first}); in derivation {
    name = "trivial-\${i}"; system = builtins.currentSystem; builder = shell; args = [ "-c" "echo \${i} > $out" ];
  }) ${count}\n`;
}

function freshFolder(path: string): void {
  execFileSync("sh", ["-c", 'if [ -e "$0" ]; then chmod -R u+w "$0" && rm -rf "$0"; fi', path]);
  mkdirSync(path);
}
