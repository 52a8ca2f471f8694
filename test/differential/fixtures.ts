/** The files that random programs read and copy: kinds, names and contents that are easily got wrong. */
import { chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random } from "#format/testing";

export function writeFixtures(folder: string): void {
  const file = (name: string, contents: string | Buffer): void =>
    writeFileSync(join(folder, name), contents, "latin1");
  for (const name of ["tree/sub", "tree/empty", "links", "empty-folder", "names"])
    mkdirSync(join(folder, name), { recursive: true });
  const random = new Random(3);
  file("text.txt", 'a line\nanother, "quoted", \\ and ${not}\n');
  file("empty", "");
  file("tool.sh", "#!/bin/sh\necho tool\n");
  chmodSync(join(folder, "tool.sh"), 0o755);
  // All bytes but NUL, which no string of Nix holds.
  file("bytes.bin", Buffer.from(Array.from({ length: 255 }, (_, i) => i + 1)));
  file("large.bin", Buffer.from(random.bytes(200_001).map((byte) => byte || 1)));
  writeFileSync(join(folder, "unicode.txt"), "é → 日本 🦊 \u0301\u2028\n");
  file("tree/a.txt", "a");
  file("tree/b.txt", "b".repeat(4096));
  file("tree/run", "x");
  chmodSync(join(folder, "tree/run"), 0o711);
  file("tree/sub/deep.txt", "deep\n");
  linkSync(join(folder, "tree/a.txt"), join(folder, "tree/sub/same-file"));
  symlinkSync("a.txt", join(folder, "tree/link"));
  symlinkSync("nowhere/at/all", join(folder, "links/broken"));
  symlinkSync("..", join(folder, "links/up"));
  symlinkSync("/etc/hostname", join(folder, "links/absolute"));
  for (const name of [
    "with space",
    "+=-._?",
    "\u00e9",
    "A",
    "a",
    "a.b",
    "a-b",
    ".hidden",
    "~",
    'quote"',
    "new\nline",
    "日本",
    "\u{1f98a}",
    "\uffee",
  ])
    writeFileSync(join(folder, "names", name), name);
  // Not UTF-8.
  writeFileSync(
    Buffer.concat([Buffer.from(join(folder, "names/")), Buffer.from([0xff, 0xfe, 0x80])]),
    "bytes",
  );
}
