/**
 * Fails when a folder of src imports one that ARCHITECTURE.md's layer table does not allow it.
 * The table is the only statement of the rule; this program reads it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const src = join(root, "src");

/** Rows look like: | `src/store` | what lives there | base, format, host | */
function readLayerTable(): Map<string, ReadonlySet<string>> {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const table = new Map<string, ReadonlySet<string>>();
  for (const row of text.matchAll(/^\| `src\/([a-z]+)` \|[^|]*\|([^|]*)\|$/gm)) {
    const allowed = (row[2] as string).split(",").map((name) => name.trim());
    table.set(row[1] as string, new Set(allowed));
  }
  return table;
}

/** `from "x"`, `import "x"`, `import("x")`, and `threadModule("x/y")`, which threads start with. */
const IMPORT = /(?:from\s+|import\s+|import\(\s*)"([^"]+)"|threadModule\("([^"/]+)\//g;

function importedFolder(file: string, specifier: string): string | undefined {
  // `#build/warm` is a face of `build`.
  if (specifier.startsWith("#")) return specifier.slice(1).split("/")[0];
  if (!specifier.startsWith(".")) return undefined;
  const inside = relative(src, resolve(dirname(file), specifier));
  return inside.startsWith("..") ? undefined : inside.split(sep)[0];
}

const table = readLayerTable();
const problems: string[] = [];
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
for (const name of files) {
  const file = join(src, name);
  const folder = name.split(sep)[0] as string;
  const allowed = table.get(folder);
  if (!allowed) {
    problems.push(`src/${name}: folder \`${folder}\` has no row in ARCHITECTURE.md`);
    continue;
  }
  for (const match of readFileSync(file, "utf8").matchAll(IMPORT)) {
    const specifier = match[1] ?? `#${match[2]}`;
    const target = importedFolder(file, specifier);
    if (target === undefined || target === folder) continue;
    if (!allowed.has(target)) problems.push(`src/${name}: imports ${specifier}, which \`${folder}\` may not`);
    else if (!specifier.startsWith("#"))
      problems.push(`src/${name}: imports ${specifier} instead of #${target}`);
  }
}
if (table.size === 0) problems.push("ARCHITECTURE.md: the layer table was not found");
for (const problem of problems) console.error(problem);
console.log(`layers: ${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
