/** `copse path-info`: sizes, hashes, signatures of store paths and of all that they need. */
import type { StorePath } from "#format";
import type { Store } from "#store";
import type { CommandLine, Option } from "../arguments.ts";
import type { Command, CommandContext } from "../command.ts";
import { JSON_OPTIONS, printJson } from "../json-output.ts";
import { type PathInfoVersion, pathInfosToJson, pathInfoToJson } from "../reports/path-info-json.ts";
import { openSession } from "../session.ts";
import { renderSize } from "../sizes.ts";
import { PATHS_OPTIONS, readPaths } from "../store/store-path-arguments.ts";
import { closureSizeBytes, infoOf } from "../store/store-queries.ts";
import { usageError } from "../usage-error.ts";

const SHOWN: readonly Option[] = [
  { names: ["--size", "-s"], help: "the size of each path's archive (NAR)" },
  { names: ["--closure-size", "-S"], help: "the same of all that it needs together" },
  { names: ["--human-readable", "-h"], help: "sizes in KiB, MiB, GiB (copse's own default on a terminal)" },
  { names: ["--sigs"], help: "signatures, and what else makes a path trusted" },
];

export const command: Command = {
  name: "path-info",
  summary: "sizes, hashes and signatures of store paths",
  usage: "[OPTIONS] [INSTALLABLE...]",
  options: [
    ...PATHS_OPTIONS,
    ...SHOWN,
    ...JSON_OPTIONS,
    { names: ["--json-format"], values: ["VERSION"], help: "1, 2 or 3: the version of Nix's JSON" },
  ],
  details: `
examples:
  copse path-info -Sh ./result             how large an environment is, with all that it needs
  copse path-info -rsh ./result | sort -hk2  its largest parts`,
  async run(line, context) {
    await using session = openSession(line, context);
    const { store } = session;
    const paths = readPaths(line, context, session);
    if (line.has("--json")) printAsJson(store, paths, { line, context });
    else printAsText(store, paths, { line, context });
    return 0;
  },
};

interface Printing {
  readonly line: CommandLine;
  readonly context: CommandContext;
}

function printAsText(store: Store, paths: readonly StorePath[], { line, context }: Printing): void {
  const width = Math.max(0, ...paths.map((path) => path.length));
  const isTable = SHOWN.some(({ names }) => names[0] !== "--human-readable" && line.has(names[0]));
  const size = (bytes: number): string =>
    line.has("--human-readable") ? renderSize(bytes, { align: true }) : String(bytes).padStart(11);
  for (const path of paths) {
    const info = infoOf(store, path);
    const columns = [isTable ? path.padEnd(width) : path];
    if (line.has("--size")) columns.push(size(info.narSize));
    if (line.has("--closure-size")) columns.push(size(closureSizeBytes(store, path)));
    if (line.has("--sigs")) {
      const trust = [
        ...(info.ultimate ? ["ultimate"] : []),
        ...(info.ca === undefined ? [] : [`ca:${info.ca}`]),
      ];
      columns.push([...trust, ...[...(info.signatures ?? [])].sort()].join(" "));
    }
    context.output.line(columns.join("\t"));
  }
}

function printAsJson(store: Store, paths: readonly StorePath[], { line, context }: Printing): void {
  const version = readVersion(line, context);
  const infos = new Map<StorePath, object | null>();
  for (const path of paths) {
    const info = store.queryInfo(path);
    const closureSize = info && line.has("--closure-size") ? closureSizeBytes(store, path) : undefined;
    infos.set(path, info === undefined ? null : { ...pathInfoToJson(info, version), closureSize });
  }
  printJson(line, context, pathInfosToJson(infos, version));
}

/** Without being told, `nix` still prints its first version; copse's own name came later. */
function readVersion(line: CommandLine, context: CommandContext): PathInfoVersion {
  const text = line.value("--json-format");
  if (text === "1" || text === "2" || text === "3") return Number(text) as PathInfoVersion;
  if (text !== undefined) throw usageError(`unsupported path info JSON format version: ${text}`);
  if (context.programName !== "nix") return 2;
  context.output.warning(
    "'--json' without '--json-format' is deprecated; please specify '--json-format 1' or '--json-format 2'. This will become an error in a future release.",
  );
  return 1;
}
