/** `copse data add`: pins a file by its hash in copse.toml, and keeps it in the store. */
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { byteStringFromText, CopseError } from "#base";
import { cacheDirectory, openDownloader } from "#fetch";
import { createHasher, formatHash, parseHash } from "#format";
import { dataStoreName, dataVariable, readManifest } from "#manifest";
import { checkManifest } from "#manifest/check";
import { addData, type NewData, writeManifest } from "#manifest/edit";
import type { CommandLine } from "../../arguments.ts";
import type { Command, CommandContext } from "../../command.ts";
import { holdProject } from "../../project/hold-project.ts";
import { manifestFile, PROJECT_OPTION } from "../../project/load-project.ts";
import { openSession } from "../../session.ts";

const ADDRESS = /^(?:https?|file):\/\//;

export const command: Command = {
  name: "data add",
  summary: "pin data or model weights by their hash in copse.toml",
  usage: "[OPTIONS] NAME ADDRESS-OR-FILE",
  maxPositionals: 2,
  options: [
    PROJECT_OPTION,
    { names: ["--unpack"], help: "unpack it: tar (also compressed) or zip" },
    { names: ["--sha256"], values: ["HASH"], help: "fail if the file has another hash" },
    { names: ["--variable"], values: ["NAME"], help: "the variable that has its path (default: DATA_NAME)" },
    { names: ["--force"], help: "take the place of data of the same name" },
    { names: ["--json"], help: "print what was pinned as JSON" },
  ],
  details: `
The file is fetched once and hashed; from then on it is in the store, where programs find it by a variable of the environment.

example:
  copse data add atlas https://files.example/mni152.nii.gz
  copse run -- sh -c 'ls -l $DATA_ATLAS'`,
  async run(line, context) {
    const [name, place] = line.positionals;
    if (name === undefined || place === undefined)
      throw new CopseError("argument-missing", "A name and an address or a file are needed", {
        hint: "copse data add NAME ADDRESS-OR-FILE",
      });
    const manifest = readManifest(manifestFile(line, context));
    const sha256 = ADDRESS.test(place)
      ? await pinAddress(place, line, context)
      : await hashOf(fileAt(place, context));
    checkExpected(line, { sha256, place });
    const variable = line.value("--variable");
    const data: NewData = {
      name,
      ...(ADDRESS.test(place)
        ? { url: place }
        : { path: relative(manifest.folder, fileAt(place, context)) || "." }),
      sha256,
      ...(line.has("--unpack") && { unpack: true }),
      ...(variable !== undefined && { variable }),
    };
    using _held = await holdProject(manifest.file, context);
    const edited = addData(readManifest(manifest.file), data, { replace: line.has("--force") });
    checkManifest(edited);
    writeManifest(edited);
    const shownAs = dataVariable(name, variable);
    if (line.has("--json")) context.output.json({ ...data, variable: shownAs });
    else {
      context.output.line(`+ ${name} ${sha256}`);
      context.output.note(`programs find it at $${shownAs}`);
    }
    return 0;
  },
};

/** @throws CopseError `file-not-found`. */
function fileAt(place: string, { cwd }: CommandContext): string {
  const file = resolve(cwd, place);
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  throw new CopseError("file-not-found", `File does not exist: \`${place}\``, {
    hint: "a folder is pinned as an archive of it: tar -czf data.tar.gz FOLDER, and --unpack",
  });
}

/** @throws CopseError `hash-mismatch`. */
function checkExpected(
  line: CommandLine,
  { sha256, place }: { readonly sha256: string; readonly place: string },
): void {
  const wanted = line.value("--sha256");
  if (wanted === undefined || formatHash(parseHash(wanted, "sha256"), "base16") === sha256) return;
  throw new CopseError("hash-mismatch", `File has another hash than the one that is wanted: \`${place}\``, {
    hint: `wanted ${wanted}, found ${sha256}`,
  });
}

/** Fetches it into the store, under the path that its derivation will have. */
async function pinAddress(url: string, line: CommandLine, context: CommandContext): Promise<string> {
  if (!URL.canParse(url)) throw new CopseError("url-invalid", `This is no address: \`${url}\``);
  const cache = cacheDirectory(context.env);
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "data-"));
  const { output, signal } = context;
  const { downloader, close } = openDownloader({ env: context.env });
  try {
    const target = join(folder, "file");
    const name = dataStoreName(basename(new URL(url).pathname), "data");
    output.progress({ kind: "start", id: url, activity: "download", name });
    let seen = 0;
    const { hash } = await downloader.download({
      url,
      target,
      signal,
      onProgress({ bytes }) {
        output.progress({ kind: "bytes", id: url, bytes: bytes - seen });
        seen = bytes;
      },
    });
    output.progress({ kind: "finish", id: url, ok: true });
    output.endProgress();
    await using session = openSession(line, context);
    session.store.addTree({ name, source: byteStringFromText(target), method: "flat", algorithm: "sha256" });
    session.store.flush();
    return formatHash(hash, "base16");
  } finally {
    close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function hashOf(file: string): Promise<string> {
  const hasher = createHasher("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }))
    hasher.update(chunk as Buffer);
  return formatHash(hasher.digest(), "base16");
}
