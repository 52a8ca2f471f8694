/** What programs answer a script that is not run, for the few whose words alone tell. */
import type { ByteString } from "#base";
import { compareVersions, hasProgram, type ScriptWorld, type Truth } from "./shell/shell-conditions.ts";
import type { Value } from "./shell/shell-values.ts";

/** What a script makes for itself, and removes. */
const SCRATCH = "/tmp/scratch";

const ALWAYS_PASSES: ReadonlySet<string> = new Set([
  "echo",
  "printf",
  "umask",
  "trap",
  "db_version",
  "db_stop",
]);

/** Whether a call succeeds. */
export function truthOfCall(fields: readonly Value[], world: ScriptWorld): Truth {
  const [program, first, second, third, fourth] = fields.map(({ text, isCertain }) =>
    isCertain ? text : undefined,
  );
  if (program === "dpkg" && first === "--compare-versions") return compareVersions(second, third, fourth);
  if (program === "which" || (program === "type" && first !== undefined)) return hasProgram(first, world);
  if (program === "command" && (first === "-v" || first === "-V")) return hasProgram(second, world);
  if (program === "dpkg-maintscript-helper" && first === "supports") return true;
  return program !== undefined && ALWAYS_PASSES.has(program) ? true : undefined;
}

/** What a call prints. */
export function outputOfCall(
  [program, ...args]: readonly ByteString[],
  world: ScriptWorld,
): ByteString | undefined {
  const last = args.at(-1) ?? "";
  switch (program) {
    case "echo":
      return args.filter((arg, index) => index > 0 || arg !== "-n").join(" ");
    case "basename":
      return args.length === 1 ? last.replace(/\/+$/, "").replace(/^.*\//s, "") : undefined;
    case "dirname":
      return args.length === 1 && last.includes("/") ? last.replace(/\/+[^/]*\/*$/, "") || "/" : undefined;
    case "mktemp":
      return SCRATCH;
    case "dpkg":
      return args.length === 1 && last === "--print-architecture" ? world.architecture : undefined;
    case "command":
    case "which":
      return hasProgram(last, world) === false ? "" : undefined;
    default:
      return undefined;
  }
}
