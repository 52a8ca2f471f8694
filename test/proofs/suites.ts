/**
 * Compares roots as copse makes them with what Debian's own installer makes of the same packages, suite by suite:
 * every path with its kind, contents, link and executable bit, what `ld.so.cache` lists.
 *
 *     npm run proof:suites [-- SUITE...]        default: bookworm trixie
 *
 * Prints how many paths differ, by class; a path that differs in none of the known classes is named, and fails the
 * proof. Needs root, mmdebstrap and the machine's apt sources.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { differenceClass } from "./suites/difference-classes.ts";

const repository = resolve(import.meta.dirname, "../..");
const suites = process.argv.length > 2 ? process.argv.slice(2) : ["bookworm", "trixie"];
const UNEXPLAINED_SHOWN = 100;

/** Of Debian's essential set what copse leaves out of its roots, and packages that set up much when configured. */
const PACKAGES = [
  ..."apt bsdutils init-system-helpers login sysvinit-utils".split(" "),
  ..."python3-numpy r-base-core fontconfig fonts-dejavu-core openssl ca-certificates".split(" "),
  ..."librsvg2-common libgtk-3-bin shared-mime-info desktop-file-utils docbook-xml".split(" "),
];

interface Entry {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly isExecutable: boolean;
}

interface Compared {
  readonly suite: string;
  /** Folders: the view of copse's root, and the installed system. */
  readonly ours: string;
  readonly theirs: string;
}

function lockedPackages(folder: string, suite: string): string[] {
  const { debian } = JSON.parse(readFileSync(join(folder, "copse.lock"), "utf8")) as {
    readonly debian: Record<
      string,
      Record<string, { readonly packages: readonly { readonly name: string }[] }>
    >;
  };
  return Object.values(debian[suite] ?? {}).flatMap(({ packages }) => packages.map(({ name }) => name));
}

function makeOurs(folder: string, suite: string): string {
  const expression = `with import <nixpkgs> { config.debian.suite = "${suite}"; };
debianTools.makeRoot { name = "compared"; packages = [ ${PACKAGES.map((name) => `"${name}"`).join(" ")} ]; }\n`;
  writeFileSync(join(folder, "default.nix"), expression);
  const env = { ...process.env, COPSE_STORE: join(folder, "store") };
  const path = execFileSync(join(repository, "bin/copse"), ["build", "--no-link"], {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return join(folder, "store/nix/var/copse/views", path.trim().replace(/^.*\//, ""));
}

/** The machine's mirror of the suite itself, without its updates: what copse takes packages from by default. */
function sourcesOf(suite: string): string {
  const format = "$(REPO_URI) $(RELEASE)";
  const targets = execFileSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], {
    encoding: "utf8",
  });
  const lines = new Set(
    targets.split("\n").flatMap((line) => {
      const found = /^(\S+) [a-z]+$/.exec(line);
      return found ? [`deb ${found[1]} ${suite} main`] : [];
    }),
  );
  return `${[...lines].join("\n")}\n`;
}

function makeTheirs(folder: string, suite: string): string {
  const target = join(folder, "installed");
  const sources = join(folder, "sources.list");
  writeFileSync(sources, sourcesOf(suite));
  const include = `--include=${lockedPackages(folder, suite).join(",")}`;
  const args = ["--quiet", "--mode=root", "--variant=custom", include, suite, target, sources];
  execFileSync("mmdebstrap", args, { stdio: ["ignore", "inherit", "inherit"] });
  return target;
}

function entriesOf(tree: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const visit = (directory: string): void => {
    for (const entry of readdirSync(tree + directory, { withFileTypes: true, encoding: "latin1" })) {
      const path = `${directory}/${entry.name}`;
      const status = lstatSync(Buffer.from(tree + path, "latin1"));
      const kind = entry.isFile()
        ? "file"
        : entry.isDirectory()
          ? "directory"
          : entry.isSymbolicLink()
            ? "link"
            : "other";
      entries.set(path, { kind, isExecutable: kind === "file" && (status.mode & 0o111) !== 0 });
      // Names are bytes here; a directory's own is plain in every package.
      if (entry.isDirectory()) visit(path);
    }
  };
  visit("");
  return entries;
}

/** How one path differs; undefined if it does not. */
function differenceOf(
  path: string,
  trees: Compared,
  [ours, theirs]: readonly [Entry | undefined, Entry | undefined],
): string | undefined {
  if (!ours) return "missing";
  if (!theirs) return "added";
  if (ours.kind !== theirs.kind) return "kind";
  if (ours.isExecutable !== theirs.isExecutable) return "mode";
  const [a, b] = [trees.ours, trees.theirs].map((tree) => Buffer.from(tree + path, "latin1")) as [
    Buffer,
    Buffer,
  ];
  if (ours.kind === "link") return readlinkSync(a) === readlinkSync(b) ? undefined : "link";
  if (ours.kind === "file") return readFileSync(a).equals(readFileSync(b)) ? undefined : "contents";
  return undefined;
}

/** What the loader would find, by name and place. */
function libraries(tree: string): string {
  const { stdout } = spawnSync("ldconfig", ["-p", "-C", join(tree, "etc/ld.so.cache")], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.startsWith("\t"))
    .sort()
    .join("\n");
}

/** Whether every difference belongs to a class. */
function compare(trees: Compared): boolean {
  const [ours, theirs] = [entriesOf(trees.ours), entriesOf(trees.theirs)];
  const classes = new Map<string, number>();
  const unexplained: string[] = [];
  let same = 0;
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const difference = differenceOf(path, trees, [ours.get(path), theirs.get(path)]);
    if (difference === undefined) {
      same++;
      continue;
    }
    const found = differenceClass({ path, difference });
    if (found === undefined) unexplained.push(`${difference} ${path}`);
    else classes.set(found, (classes.get(found) ?? 0) + 1);
  }
  console.log(`${trees.suite}: ${same} paths are the same`);
  for (const [name, count] of [...classes].sort(([, a], [, b]) => b - a)) console.log(`  ${count}\t${name}`);
  for (const line of unexplained.sort().slice(0, UNEXPLAINED_SHOWN)) console.log(`  unexplained: ${line}`);
  const [found, wanted] = [libraries(trees.ours), libraries(trees.theirs)];
  if (found === "" || found !== wanted) console.log("  unexplained: ld.so.cache lists other libraries");
  return unexplained.length === 0 && found !== "" && found === wanted;
}

let isExplained = true;
for (const suite of suites) {
  const folder = mkdtempSync(join(process.env["COPSE_BENCH_DIR"] ?? tmpdir(), "copse-suites-"));
  try {
    const ours = makeOurs(folder, suite);
    const theirs = makeTheirs(folder, suite);
    if (!compare({ suite, ours, theirs })) isExplained = false;
  } finally {
    if (process.env["COPSE_KEEP"] === undefined) rmSync(folder, { recursive: true, force: true });
    else console.log(`kept: ${folder}`);
  }
}
process.exitCode = isExplained ? 0 : 1;
