import { readdirSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { groupByVersion, normaliseName } from "#format/python";
import { formatListing } from "./src/resolve/python/index/listing-text.ts";
const un = (t: string) => t.replaceAll(/\\(.)/g, (_, l) => l === "t" ? "\t" : l === "n" ? "\n" : l);
const base = process.argv[2]!;
for (const e of readdirSync(base + "/listing-2", { recursive: true, withFileTypes: true })) {
  if (!e.isFile()) continue;
  const raw = readFileSync(e.parentPath + "/" + e.name); const nl = raw.indexOf(10);
  const head = JSON.parse(raw.toString("utf8", 0, nl));
  const lines = raw.toString("utf8", nl + 1).split("\n");
  const prefix = un(lines[0]!);
  const files: any[] = lines.slice(1).filter((l) => l).map((l) => { const [file, rest, sha256, size, rp, y, ut, m] = l.split("\t").map(un);
    const o: any = { file, url: rest!.startsWith("=") ? prefix + rest!.slice(1) : prefix + rest + file };
    if (sha256) o.sha256 = sha256; if (size) o.size = Number(size); if (rp) o.requiresPython = rp; if (y) o.yanked = y.length === 1 ? true : y.slice(1);
    if (ut) o.uploadTime = ut; if (m) o.metadata = m.length === 1 ? {} : { sha256: m.slice(1) }; return o; });
  const w = files.find((f) => f.file.endsWith(".whl"))?.file;
  const s = files[0]?.file;
  const name = w ? w.slice(0, w.indexOf("-")) : s ? s.slice(0, s.lastIndexOf("-")) : "x";
  let bytes: Uint8Array = new Uint8Array();
  if (!head.missing) bytes = formatListing(groupByVersion(files, normaliseName(name)));
  const dir = e.parentPath.replace("listing-2", "listing-3"); mkdirSync(dir, { recursive: true });
  writeFileSync(dir + "/" + e.name, Buffer.concat([Buffer.from(JSON.stringify({ ...head, length: bytes.length }) + "\n"), bytes]));
}
