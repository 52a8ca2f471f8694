/**
 * The database as text: `nix-store --dump-db`, `--load-db` and `--register-validity`. For each path these lines:
 *
 *     path
 *     hash, base 16       )  left out where the receiver is to hash the files
 *     size of the NAR     )
 *     deriver             or an empty line
 *     number of references
 *     references, a line each
 */
import { byteStringFromBytes, byteStringFromText, CopseError } from "#base";
import { formatHash, type Hash, parseHash, parseStorePath, type StorePath } from "#format";
import type { PathInfo } from "../path-info.ts";
import type { Store } from "../store.ts";
import { canonicaliseTree } from "../trees/canonical.ts";

/** What is read of a text is bounded: a line holds a path or a hash. */
const LONGEST_LINE = 4096;

/** The lines of one path, with hash and deriver. */
export function formatValidity(info: PathInfo): string {
  const { path, narHash, narSize, deriver = "", references } = info;
  return [path, formatHash(narHash, "base16"), narSize, deriver, references.length, ...references, ""].join(
    "\n",
  );
}

export interface RegisterOptions {
  /** The text has hash and size; otherwise they are computed from the files. */
  readonly hashGiven?: boolean | undefined;
  /** Also those that are valid already. */
  readonly reregister?: boolean | undefined;
  /** Make the files' metadata canonical first. Default: where the hash is not given. */
  readonly canonicalise?: boolean | undefined;
}

/**
 * Makes valid what a text says, in one transaction. The files must be there. Returns how many paths that were. Throws
 * CopseError `validity-invalid`, `store-reference-invalid`, `file-not-found`.
 */
export async function registerValidity(
  store: Store,
  text: AsyncIterable<Uint8Array>,
  options: RegisterOptions = {},
): Promise<number> {
  const { hashGiven = false, reregister = false, canonicalise = !hashGiven } = options;
  const infos: PathInfo[] = [];
  const lines = readLines(text);
  for (let first = await lines.next(); !first.done; first = await lines.next()) {
    const given = await parseValidity(first.value, lines, hashGiven);
    store.addTempRoots([given.path]);
    if (store.isValid(given.path) && !reregister) continue;
    const real = store.realPath(given.path);
    if (canonicalise) canonicaliseTree(byteStringFromText(real));
    const facts = given.facts ?? (await store.hashTree(given.path));
    infos.push({
      path: given.path,
      narHash: facts.narHash,
      narSize: facts.narSize,
      references: given.references,
      deriver: given.deriver,
      registrationTime: store.nowSeconds(),
      ultimate: false,
    });
  }
  store.registerPaths(infos);
  return infos.length;
}

interface Validity {
  readonly path: StorePath;
  readonly facts: { readonly narHash: Hash; readonly narSize: number } | undefined;
  readonly deriver: StorePath | undefined;
  readonly references: readonly StorePath[];
}

async function parseValidity(
  path: string,
  lines: AsyncGenerator<string, void, void>,
  hashGiven: boolean,
): Promise<Validity> {
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done)
      throw new CopseError("validity-invalid", `Description of a path ends in the middle: \`${path}\``);
    return line.value;
  };
  const count = async (): Promise<number> => {
    const line = await next();
    if (/^\d{1,15}$/.test(line)) return Number(line);
    throw new CopseError(
      "validity-invalid",
      `number expected, in the description of \`${path}\`: \`${line}\``,
    );
  };
  const facts = hashGiven
    ? { narHash: parseHash(await next(), "sha256"), narSize: await count() }
    : undefined;
  const deriver = await next();
  const references: StorePath[] = [];
  for (let rest = await count(); rest > 0; rest--) references.push(parseStorePath(await next()));
  return {
    path: parseStorePath(path),
    facts,
    deriver: deriver === "" ? undefined : parseStorePath(deriver),
    references: references.sort(),
  };
}

async function* readLines(text: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  let pending = "";
  for await (const chunk of text) {
    const lines = (pending + byteStringFromBytes(Buffer.from(chunk))).split("\n");
    pending = lines.pop()!;
    if (pending.length > LONGEST_LINE) throw new CopseError("validity-invalid", "Line is too long");
    yield* lines;
  }
  if (pending !== "") yield pending;
}
