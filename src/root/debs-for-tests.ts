/** Makes .debs for tests byte by byte, also such as no tool would make. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { byteStringFromText } from "#base";
import { removeReadOnlyTree } from "./remove-tree.ts";

export interface TestMember {
  readonly path: string;
  /** The letter of tar's header: "0" file, "1" hard link, "2" symbolic link, "3" device, "5" directory, "6" fifo. */
  readonly type?: string;
  readonly contents?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  /** What the header says, whatever the contents are. */
  readonly sizeBytes?: number;
}

export interface TestDeb {
  readonly name: string;
  readonly fields?: Readonly<Record<string, string>>;
  /** Other control files: `postinst`, `preinst`, ... */
  readonly scripts?: Readonly<Record<string, string>>;
  readonly members: readonly TestMember[];
}

/** A directory that goes when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "copse-root-"));
  t.after(() => removeReadOnlyTree(byteStringFromText(directory)));
  return directory;
}

export function writeDeb(path: string, deb: TestDeb): void {
  writeFileSync(path, debBytes(deb));
}

/** A .deb; its control and data are gzip'ed. */
export function debBytes(deb: TestDeb): Buffer {
  const fields = {
    Package: deb.name,
    Version: "1.0",
    Architecture: "all",
    Maintainer: "Nobody <nobody@example.org>",
    Description: "a test",
    ...deb.fields,
  };
  const control = Object.entries(fields).map(([key, value]) => `${key}: ${value}\n`);
  const controlMembers: TestMember[] = [{ path: "./control", contents: control.join("") }];
  for (const [name, contents] of Object.entries(deb.scripts ?? {})) {
    controlMembers.push({ path: `./${name}`, contents, mode: 0o755 });
  }
  const members = {
    "control.tar.gz": gzipSync(tarBytes(controlMembers)),
    "data.tar.gz": gzipSync(tarBytes(deb.members)),
  };
  return arBytes({ "debian-binary": Buffer.from("2.0\n"), ...members });
}

export function arBytes(members: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Uint8Array[] = [Buffer.from("!<arch>\n")];
  for (const [name, bytes] of Object.entries(members)) {
    const header = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}`;
    parts.push(Buffer.from(`${header}${String(bytes.length).padEnd(10)}\`\n`), bytes);
    if (bytes.length % 2 === 1) parts.push(Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}

export function tarBytes(members: readonly TestMember[]): Buffer {
  const blocks = members.flatMap((member) => {
    const contents = Buffer.from(member.contents ?? "");
    const filling = Buffer.alloc((512 - (contents.length % 512)) % 512);
    return [tarHeader(member, member.sizeBytes ?? contents.length), contents, filling];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function tarHeader(member: TestMember, sizeBytes: number): Buffer {
  const type = member.type ?? (member.path.endsWith("/") ? "5" : "0");
  const mode = member.mode ?? (type === "5" ? 0o755 : 0o644);
  const header = Buffer.alloc(512);
  header.write(member.path, 0, 100, "utf8");
  header.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
  header.write("14000000000\0", 136);
  header.write("        ", 148);
  header.write(type, 156);
  header.write(member.link ?? "", 157, 100, "utf8");
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
