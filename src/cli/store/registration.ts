/**
 * What a store knows about its paths, as text: `nix-store --dump-db` and `--load-db`. For each path, a line each:
 *
 *     /nix/store/…-hello
 *     e3b0c442…               hash of the NAR in base 16  }  left out where they are to be
 *     1234                    size of the NAR             }  found out from the files
 *     /nix/store/…-hello.drv  what made it, or an empty line
 *     1                       how many references, then these
 *     /nix/store/…-glibc
 */
import { createInterface } from "node:readline";
import { byteStringFromText, CopseError } from "#base";
import { formatHash, parseHash, parseStorePath, type StorePath } from "#format";
import { canonicaliseTree, type PathInfo, type Store } from "#store";
import { infoOf } from "./store-queries.ts";

export function* registrationText(store: Store, paths: readonly StorePath[]): Generator<string> {
  for (const path of paths) {
    const { narHash, narSize, deriver = "", references } = infoOf(store, path);
    const lines = [path, formatHash(narHash, "base16"), narSize, deriver, references.length, ...references];
    yield `${lines.join("\n")}\n`;
  }
}

export interface RegisterOptions {
  /** The text has hashes and sizes. */
  readonly hashGiven: boolean;
  /** Paths that are valid already, too. */
  readonly reregister: boolean;
  /** Make the files' metadata canonical. */
  readonly canonicalise: boolean;
}

/** All in one transaction, or nothing. Throws CopseError `registration-invalid`, what registering throws. */
export async function registerFromText(
  store: Store,
  input: NodeJS.ReadableStream,
  options: RegisterOptions,
): Promise<void> {
  const infos = new Map<StorePath, PathInfo>();
  for await (const entry of readRegistrations(input, options.hashGiven)) {
    const { path } = entry;
    if (store.isValid(path) && !options.reregister) continue;
    if (options.canonicalise) canonicaliseTree(byteStringFromText(store.realPath(path)));
    const hashed = entry.hashed ?? (await store.hashTree(path));
    const { narHash, narSize } = hashed;
    const { references, deriver } = entry;
    const registrationTime = Math.floor(Date.now() / 1000);
    infos.set(path, { path, narHash, narSize, references, deriver, registrationTime, ultimate: false });
  }
  store.registerPaths([...infos.values()]);
}

interface Registration {
  readonly path: StorePath;
  readonly hashed: Pick<PathInfo, "narHash" | "narSize"> | undefined;
  readonly deriver: StorePath | undefined;
  readonly references: readonly StorePath[];
}

async function* readRegistrations(
  input: NodeJS.ReadableStream,
  hashGiven: boolean,
): AsyncGenerator<Registration> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw invalid("ends too early");
    return value as string;
  };
  for (let first = await lines.next(); !first.done; first = await lines.next()) {
    const path = parseStorePath(first.value);
    const hashed = hashGiven
      ? { narHash: parseHash(await next(), "sha256"), narSize: wholeNumber(await next()) }
      : undefined;
    const deriver = await next();
    const count = wholeNumber(await next());
    const references = new Set<StorePath>();
    for (let i = 0; i < count; i++) references.add(parseStorePath(await next()));
    yield {
      path,
      hashed,
      deriver: deriver === "" ? undefined : parseStorePath(deriver),
      references: [...references].sort(),
    };
  }
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw invalid(`\`${text}\` is not a number`);
}

function invalid(problem: string): CopseError {
  return new CopseError("registration-invalid", `Registration of store paths ${problem}`);
}
