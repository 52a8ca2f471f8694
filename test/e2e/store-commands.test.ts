/**
 * The commands about the store beside C++ Nix's, on one and the same store: a few dozen paths with references, and the
 * derivations of some. Both must print the same.
 */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { findJudge, Random } from "../../src/format/testing/mod.ts";
import { copse, output, project, world } from "./world.ts";

const { judge, reason } = findJudge("nix-store", { atLeast: "2.30" });
const { judge: nix } = findJudge("nix", { atLeast: "2.30" });
const store = mkdtempSync(join(world.projects, "store-"));
const env = { COPSE_STORE: store, NIX_CONFIG: "experimental-features = nix-command" };
const cwd = project();

/** Commands that Debian's older C++ Nix does not have, or whose output it has in another form. */
const judgeVersion = nix?.run(["--version"]).toString() ?? "";
const isOldJudge = / 2\.([0-9]|1[0-9]|2[0-9])\./.test(judgeVersion);

const paths: string[] = [];
const name = (index: number): string =>
  `${"0".repeat(31 - String(index).length)}${index}z-pkg${index}-1.${index}`;

/** Packages that refer to some of those before them, and a small world of derivations. */
before(async () => {
  const random = new Random(7);
  const registrations: string[] = [];
  mkdirSync(join(store, "nix/store"), { recursive: true });
  for (let index = 0; index < 30; index++) {
    const base = name(index).replaceAll(/[eotu]/g, "x");
    const path = `/nix/store/${base}`;
    const references = [...new Set(random.list(random.below(4), () => random.below(index)))]
      .filter((each) => each < index)
      .map((each) => paths[each] as string);
    if (index % 5 === 0) references.push(path);
    makePackage(join(store, "nix/store", base), references);
    registrations.push([path, "", references.length, ...references].join("\n"));
    paths.push(path);
  }
  await output(["--register-validity"], { env, as: "nix-store", input: `${registrations.join("\n")}\n` });
  writeFileSync(join(cwd, "default.nix"), WORLD);
  for (const drv of (await output([], { cwd, env, as: "nix-instantiate" })).trim().split("\n"))
    paths.push(drv.split("!")[0] as string);
  const [root = ""] = paths.slice(29);
  symlinkSync(root, join(cwd, "result"));
  symlinkSync(join(cwd, "result"), join(store, "nix/var/nix/gcroots/result"));
});

const WORLD = `
let
  mk = name: attrs: derivation ({ inherit name; system = "x86_64-linux"; builder = "/bin/sh"; } // attrs);
  base = mk "base-1.0" { args = [ "-c" "echo > $out" ]; text = "a \\"quoted\\"\\n text\\t\\\\"; };
in {
  inherit base;
  two = mk "two" { outputs = [ "out" "dev" ]; inherit base; };
  top = mk "top-2.1" { needs = [ base ]; src = builtins.toFile "source.txt" "text"; };
  fixed = mk "fixed" { outputHash = "0000000000000000000000000000000000000000000000000000"; outputHashAlgo = "sha256"; };
}
`;

function makePackage(folder: string, references: readonly string[]): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(
    join(folder, "bin/run"),
    `#!/bin/sh\n${references.map((path) => `${path}/bin/run\n`).join("")}`,
  );
  chmodSync(join(folder, "bin/run"), 0o755);
  writeFileSync(join(folder, "notes ü.txt"), "x".repeat(references.length * 1000));
  for (const [index, path] of references.entries()) symlinkSync(`${path}/bin`, join(folder, `link-${index}`));
}

/** `@n` stands for the path of that number, `@drv` for one of a derivation. */
function withPaths(words: string): string[] {
  return words
    .split(" ")
    .map((word) =>
      word
        .replace(/@(-?\d+)/g, (_, digits: string) => paths.at(Number(digits)) as string)
        .replace("@drv", paths.find((path) => path.endsWith("top-2.1.drv")) as string),
    );
}

const STORE_COMMANDS = [
  "-q @29",
  "-q @drv",
  "-q --outputs @drv @29",
  "-qR @29 @17",
  "-qR --include-outputs @drv",
  "-q --requisites @drv",
  "-q --references @29 @20",
  "-q --referrers @0 @1",
  "-q --referers @drv",
  "-q --referrers-closure @0",
  "-q --deriver @29",
  "-qd @0 @1",
  "-q --valid-derivers @0",
  "-q --tree @29 @25",
  "-q --tree @drv",
  "-q --graph @29",
  "-q --graphml @drv @29",
  "-q --binding text @30",
  "-q -b name @30 @31",
  "-q --hash @0 @29 @drv",
  "-q --size @0 @29 @drv",
  "-q --resolve @3/bin",
  "-q --roots @29",
  "--print-env @30",
  "--dump-db",
  "--dump-db @29 @0",
  "--check-validity @0 @29",
  "--check-validity --print-invalid @0 /nix/store/00000000000000000000000000000000-x",
  "--verify-path @0 @5",
  "--gc --print-live",
  "--gc --print-dead",
  "--print-fixed-path sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0= x",
  "--print-fixed-path --recursive sha1 800d59cfcd3c05e900cb4e214be48f6b886a08df x",
  "--export @29 @drv",
  "--verify --check-contents",
];

const NEW_COMMANDS = [
  "path-info @29 @0",
  "path-info -r @29",
  "path-info -rsS @29",
  "path-info -sSh @29",
  "path-info --all --sigs",
  "path-info --derivation @drv",
  "why-depends @29 @0",
  "store ls @29",
  "store ls -lR @29",
  "store ls -ld @29/bin",
  "store cat @29/bin/run",
  "store dump-path @29",
  "store diff-closures @29 @20",
  "store path-from-hash-part 0000000000000000000000000000000z",
  "store verify --all --no-trust",
];

const NEWER_COMMANDS = [
  "path-info --json --json-format 1 -S @29",
  "path-info --all --json --json-format 2",
  "store ls --json @29",
  "derivation show @drv",
  "derivation show -r @30 @31 @32 @33",
  "why-depends --all --precise @29 @0",
  "hash convert --to base16 sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
  "config show cores",
];

function inStore(args: readonly string[]): string[] {
  return args[0]?.startsWith("-") ? ["--store", store, ...args] : [...args, "--store", store];
}

describe("nix-store prints what C++ Nix prints", { skip: reason, concurrency: 2 }, () => {
  for (const words of STORE_COMMANDS) {
    test(words, async () => {
      const args = withPaths(words);
      const expected = judge!.run(inStore(args)).toString("latin1");
      const actual = await output(args, { cwd, env, as: "nix-store" });
      // As bytes: an export is not text.
      assert.equal(Buffer.from(actual).toString("latin1"), sameBytes(expected));
    });
  }
});

describe("nix prints what C++ Nix prints", { skip: reason, concurrency: 2 }, () => {
  const all = [...NEW_COMMANDS, ...(isOldJudge ? [] : NEWER_COMMANDS)];
  for (const words of all) {
    test(words, async () => {
      const args = withPaths(words);
      const flags = ["--extra-experimental-features", "nix-command"];
      const where = /^(hash|config)/.test(words) ? args : inStore(args);
      const expected = nix!.run([...where, ...flags]).toString("latin1");
      const actual = await output(args, { cwd, env, as: "nix" });
      assert.equal(Buffer.from(actual).toString("latin1"), sameBytes(expected));
    });
  }
});

/** The test reads what copse prints as UTF-8; what is none comes out the same on both sides. */
function sameBytes(bytes: string): string {
  return Buffer.from(Buffer.from(bytes, "latin1").toString("utf8")).toString("latin1");
}

describe("refusals", { concurrency: 2 }, () => {
  const cases: [program: string, words: string, message: RegExp][] = [
    [
      "nix-store",
      "-q --size /nix/store/00000000000000000000000000000000-x",
      /path '\/nix\/store\/0+-x' is not valid/,
    ],
    ["nix-store", "-qR /tmp", /path "\/tmp" is not in the Nix store/],
    ["nix-store", "-q --tree --graph @29", /conflicts with earlier flag/],
    ["nix-store", "-q --gc", /only one operation may be specified/],
    ["nix-store", "--tree @29", /no operation specified/],
    ["nix-store", "-q --frobnicate", /no such option: `--frobnicate`/],
    ["nix-store", "--check-validity /nix/store/00000000000000000000000000000000-x", /is not valid/],
    ["nix-store", "-q -b nothing @30", /has no environment binding named 'nothing'/],
    ["nix-store", "--delete @29", /cannot delete path/i],
    ["nix-store", "--gc --print-dead --max-freed 1", /--max-freed cannot be combined/],
    ["nix-collect-garbage", "--delete-older-than 3", /invalid number of days specifier '3'/],
    ["nix-hash", "--type md6 .", /unknown hash algorithm 'md6'/],
    ["nix", "store cat @29", /is not a regular file/],
    ["nix", "store ls @29/none", /does not exist/],
    ["nix", "store path-from-hash-part 0", /invalid hash part/],
    ["nix", "store gc --max 1 --dry-run", /--max and --dry-run cannot be combined/],
    ["nix", "store ls", /a path is needed/],
    ["nix", "store frobnicate", /no such command: `store frobnicate`/],
    [
      "nix",
      "hash convert --from nix32 sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
      /'sri', but '--from nix32'/,
    ],
    ["nix", "derivation show @0", /does not have a known deriver/],
    ["nix", "key generate-secret", /--key-name/],
  ];
  for (const [program, words, message] of cases) {
    test(`${program} ${words}`, async () => {
      const { code, stderr } = await copse(withPaths(words), { cwd, env, as: program });
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
    });
  }
});

describe("under copse's own names", { concurrency: 2 }, () => {
  test("path-info --json lays out what nix prints on a line", async () => {
    const own = await output(["path-info", "--json", paths[29] as string], { cwd, env });
    const nixs = await output(["path-info", "--json", "--json-format", "2", paths[29] as string], {
      cwd,
      env,
      as: "nix",
    });
    assert.deepEqual(JSON.parse(own), JSON.parse(nixs));
    assert.ok(own.split("\n").length > 10);
    assert.equal(nixs.trim().split("\n").length, 1);
  });
  test("gc --dry-run and --print-roots say what would go and what stays", async () => {
    const report = JSON.parse(await output(["gc", "--dry-run", "--json"], { cwd, env }));
    assert.ok(report.paths.includes(paths[30]) && !report.paths.includes(paths[29]));
    const roots = JSON.parse(await output(["gc", "--print-roots", "--json"], { cwd, env }));
    assert.deepEqual(roots, [{ path: paths[29], root: join(cwd, "result") }]);
    assert.equal(readlinkSync(join(cwd, "result")), paths[29]);
  });
  test("verify finds the store sound, store info describes it", async () => {
    const { stderr } = await copse(["verify", "--check-contents"], { cwd, env });
    assert.match(stderr, /the store is sound/);
    const info = JSON.parse(await output(["store", "info", "--json"], { cwd, env }));
    assert.equal(info.url, `local://${store}`);
  });
});

describe("keys", () => {
  test("a path signed with a new key is trusted by its public half only", async () => {
    const secret = await output(["key", "generate-secret", "--key-name", "test-1"], { cwd, env });
    const other = await output(["key", "generate-secret", "--key-name", "test-1"], { cwd, env });
    writeFileSync(join(cwd, "key"), secret);
    const path = paths[7] as string;
    await output(["store", "sign", "-k", "key", path], { cwd, env });
    const verify = async (key: string): Promise<number | null> => {
      const publicKey = await output(["key", "convert-secret-to-public"], { cwd, env, input: key });
      return (
        await copse(["store", "verify", "-n", "1", "--trusted-public-keys", publicKey, path], { cwd, env })
      ).code;
    };
    assert.equal(await verify(secret), 0);
    assert.equal(await verify(other), 2);
  });
});
