/**
 * Nearly valid input, judged by C++ Nix: what it refuses must be refused here, and what it takes must be taken here and
 * mean the same, unless it is not the one canonical way to write it, which only we insist on.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { formatDerivation, parseDerivation } from "./derivation.ts";
import { formatHash, type HashAlgorithm, hashBytes, parseHash } from "./hash.ts";
import { dumpNar, type NarTree } from "./nar.ts";
import { decodeNar } from "./nar-decoder.ts";
import { parseStorePath } from "./store-path.ts";
import { damage, fuzzRuns } from "./testing/damage.ts";
import { findJudge, type Judge } from "./testing/judges.ts";
import { Random, randomPieces } from "./testing/random.ts";

const nixStore = findJudge("nix-store");
const nixHash = findJudge("nix-hash");
const nixInstantiate = findJudge("nix-instantiate");

/** What was made of it, or undefined where it was refused properly. */
function taken<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (!isCopseError(error)) throw error;
    return undefined;
  }
}

function said(judge: Judge, args: readonly string[], input?: Uint8Array): string | undefined {
  try {
    return judge.run(args, input).toString("latin1");
  } catch {
    return undefined;
  }
}

const JUDGED_RUNS = fuzzRuns(30);

function sampleNar(random: Random): Buffer {
  const file = (contents: string): NarTree => ({
    kind: "file",
    executable: random.chance(0.3),
    sizeBytes: contents.length,
    contents: () => [Buffer.from(contents, "latin1")],
  });
  const tree: NarTree = {
    kind: "directory",
    entries: () => [
      ["a", file("x".repeat(random.below(20)))],
      ["b", { kind: "directory", entries: () => [["inner", file("")]] as const }],
      ["c\xff", { kind: "symlink", target: "../a" }],
    ],
  };
  const chunks: Buffer[] = [];
  dumpNar(tree, (chunk) => chunks.push(Buffer.from(chunk)));
  return Buffer.concat(chunks);
}

async function isTaken(nar: Buffer, random: Random): Promise<boolean> {
  try {
    for await (const event of decodeNar(randomPieces(random, nar))) {
      if (event.kind === "file") for await (const _ of event.contents);
    }
    return true;
  } catch (error) {
    if (!isCopseError(error)) throw error;
    return false;
  }
}

test("damaged NARs: taken if and only if C++ Nix restores them to what dumps as the same NAR", {
  skip: nixStore.reason,
}, async () => {
  const random = new Random(71);
  const root = mkdtempSync(join(tmpdir(), "copse-format-"));
  try {
    for (let run = 0; run < JUDGED_RUNS; run++) {
      const nar = random.chance(0.1) ? sampleNar(random) : damage(random, sampleNar(random));
      const place = join(root, `${run}`);
      const restored = said(nixStore.judge!, ["--restore", place], nar) !== undefined;
      const dumped = restored ? nixStore.judge!.run(["--dump", place]) : undefined;
      assert.equal(await isTaken(nar, random), dumped?.equals(nar) ?? false, nar.toString("latin1"));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("damaged hashes: taken if and only if C++ Nix takes them, as the same digest", {
  skip: nixHash.reason,
}, () => {
  const random = new Random(72);
  for (let run = 0; run < JUDGED_RUNS; run++) {
    const algorithm = random.pick<HashAlgorithm>(["md5", "sha1", "sha256", "sha512"]);
    const form = random.pick(["base16", "nix32", "base64", "sri"] as const);
    const valid = formatHash(hashBytes(algorithm, random.bytes(4)), form);
    const bytes = random.chance(0.15) ? Buffer.from(valid) : damage(random, Buffer.from(valid));
    // An argument of a program can't hold NUL, and must not look like an option.
    const text = bytes
      .toString("latin1")
      .replace(/[\0\x80-\xff]/g, "?")
      .replace(/^-/, "?");
    const theirs = said(nixHash.judge!, ["--type", algorithm, "--to-base16", text])?.trim();
    const ours = taken(() => parseHash(text, algorithm));
    assert.equal(
      ours && Buffer.from(ours.digest).toString("hex"),
      theirs,
      `${algorithm} ${JSON.stringify(text)}`,
    );
  }
});

test("damaged store paths: taken if and only if C++ Nix takes them", { skip: nixInstantiate.reason }, () => {
  const random = new Random(73);
  const valid = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a+b.c?d=e_f";
  for (let run = 0; run < JUDGED_RUNS; run++) {
    const bytes = random.chance(0.1) ? Buffer.from(valid) : damage(random, Buffer.from(valid));
    const text = bytes.toString("latin1").replace(/[\0\r]/g, "?");
    const literal = text.replace(/["\\$]/g, "\\$&");
    const expression = Buffer.from(
      `builtins.appendContext "" { "${literal}" = { path = true; }; }`,
      "latin1",
    );
    const theirs = said(nixInstantiate.judge!, ["--store", "dummy://", "--eval", "-"], expression);
    // C++ Nix does not look at the character between digest and name.
    if (text.startsWith("/nix/store/") && text[43] !== "-")
      assert.equal(
        taken(() => parseStorePath(text)),
        undefined,
      );
    else
      assert.equal(
        taken(() => parseStorePath(text)) !== undefined,
        theirs !== undefined,
        JSON.stringify(text),
      );
  }
});

const P = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-a";
const DERIVATION = formatDerivation({
  name: "x",
  outputs: new Map([
    ["dev", { path: parseStorePath(`${P}-dev`), hashAlgo: "", hash: "" }],
    ["out", { path: parseStorePath(P), hashAlgo: "", hash: "" }],
  ]),
  inputDrvs: new Map([[parseStorePath(`${P}.drv`), ["dev", "out"]]]),
  inputSrcs: [parseStorePath(`${P}b`)],
  system: "x86_64-linux",
  builder: "/bin/sh",
  args: ["-c", 'echo "\\$out"\n'],
  env: new Map([["a", "1\t"]]),
});

/** Where 2.8 reads a derivation that it registers, it does not look into the store that it was given. */
const readsDerivations =
  nixStore.judge !== undefined && !/ 2\.\d\./.test(nixStore.judge.run(["--version"]).toString());

test("damaged derivations: what C++ Nix can't parse is refused", {
  skip: nixStore.reason || (!readsDerivations && "C++ Nix is too old"),
}, () => {
  const random = new Random(74);
  const root = mkdtempSync(join(tmpdir(), "copse-format-"));
  const store = join(root, "nix/store");
  mkdirSync(store, { recursive: true });
  let refused = 0;
  try {
    for (let run = 0; run < JUDGED_RUNS; run++) {
      const bytes =
        run === 0 ? Buffer.from(DERIVATION, "latin1") : damage(random, Buffer.from(DERIVATION, "latin1"));
      const name = `${"0".repeat(28)}${String(1000 + (run % 9000))}-x.drv`;
      writeFileSync(join(store, name), bytes);
      // Registering reads the derivation, and only then finds that its outputs' paths are not right.
      const message = complaint(
        nixStore.judge!,
        ["--store", root, "--register-validity"],
        `/nix/store/${name}\n\n0\n`,
      );
      const isParsed =
        /incorrect output|does not exist|is not valid|foreign key|unknown/i.test(message) || message === "";
      if (!isParsed) refused += 1;
      const ours = taken(() => parseDerivation(bytes.toString("latin1"), "x"));
      if (run === 0) assert.ok(ours !== undefined && isParsed, message);
      if (ours !== undefined) assert.ok(isParsed, `${message}\n${bytes.toString("latin1")}`);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  assert.ok(refused > JUDGED_RUNS / 4, `${refused}`);
});

function complaint(judge: Judge, args: readonly string[], input: string): string {
  try {
    judge.run(args, Buffer.from(input));
    return "";
  } catch (error) {
    return String(error).split("error:").at(-1)!.trim();
  }
}
