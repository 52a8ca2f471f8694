/** Makes wheels for tests, right ones and such as no tool would make. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { makeZip, type SampleEntry } from "#format/zip/testing";

export interface TestWheel {
  readonly name?: string;
  readonly version?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Files of the .dist-info folder in the place of the usual ones; undefined leaves one out. */
  readonly info?: Readonly<Record<string, string | undefined>>;
  /** Names of files that are programs by their mode. */
  readonly executable?: readonly string[];
  /** Zip entries behind all others, which RECORD does not list. */
  readonly further?: readonly SampleEntry[];
}

/** The path of the wheel, `FOLDER/NAME-VERSION-py3-none-any.whl`. */
export function writeWheel(folder: string, wheel: TestWheel): string {
  const { name = "pkg", version = "1.0", files = {}, info = {}, executable = [], further = [] } = wheel;
  const distInfo = `${name}-${version}.dist-info`;
  const all: Record<string, string | undefined> = {
    ...files,
    [`${distInfo}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${distInfo}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  };
  for (const [file, text] of Object.entries(info)) all[`${distInfo}/${file}`] = text;
  const record = `${distInfo}/RECORD`;
  if (!(record in all))
    all[record] = `${Object.entries(all)
      .map(([path, text = ""]) => `${path},sha256=${digest(text)},${Buffer.byteLength(text)}\n`)
      .join("")}${record},,\n`;
  const entries = Object.entries(all).flatMap(([path, contents]): SampleEntry[] =>
    contents === undefined
      ? []
      : [{ name: path, contents, mode: executable.includes(path) ? 0o100755 : 0o100644 }],
  );
  const path = `${folder}/${name}-${version}-py3-none-any.whl`;
  writeFileSync(path, makeZip([...entries, ...further]));
  return path;
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
