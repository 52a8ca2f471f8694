/** `copse store add`: copies a file or a folder into the store. */
import { basename, resolve } from "node:path";
import { byteStringFromText } from "#base";
import { treePath } from "#store";
import type { Option } from "../../arguments.ts";
import type { Command } from "../../command.ts";
import { readHashAlgorithm } from "../../hashing/hash-options.ts";
import { openSession } from "../../session.ts";
import { usageError } from "../../usage-error.ts";

type Method = "nar" | "flat" | "text";

const OPTIONS: readonly Option[] = [
  { names: ["--name", "-n"], values: ["NAME"], help: "the name in the store (default: that of the file)" },
  { names: ["--mode"], values: ["MODE"], help: "what is hashed: nar (the tree), flat or text (one file)" },
  {
    names: ["--hash-algo"],
    values: ["ALGORITHM"],
    help: "sha256 (default), md5, sha1, sha512 or blake3",
  },
  { names: ["--dry-run"], help: "print where it would be, and add nothing" },
];

export const command = adding("store add", "add a file or folder to the store", "nar");
export const addFile = adding(
  "store add-file",
  "add a file by its bytes (the same as store add --mode flat)",
  "flat",
);
export const addPath = adding("store add-path", "add a file or folder (the same as store add)", "nar");

function adding(name: string, summary: string, usual: Method): Command {
  return {
    name,
    summary,
    usage: "[OPTIONS] PATH",
    maxPositionals: 1,
    options: OPTIONS,
    async run(line, context) {
      const [path] = line.positionals;
      if (path === undefined) throw usageError("a path is needed");
      const source = resolve(context.cwd, path);
      const request = {
        name: line.value("--name") ?? basename(source),
        source: byteStringFromText(source),
        method: readMethod(line.value("--mode") ?? usual),
        algorithm: readHashAlgorithm(line.value("--hash-algo") ?? "sha256", context),
      };
      if (line.has("--dry-run")) {
        context.output.line(treePath(request));
        return 0;
      }
      await using session = openSession(line, context);
      context.output.line((await session.store.add(request, context.signal)).path);
      return 0;
    },
  };
}

function readMethod(text: string): Method {
  if (text === "nar" || text === "flat" || text === "text") return text;
  if (text === "recursive") return "nar";
  throw usageError(`unknown file ingestion method '${text}', expect 'nar', 'flat' or 'text'`);
}
