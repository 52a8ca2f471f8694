/** For tests: small Python packages, made from a few words about them. */
import { createHash } from "node:crypto";
import { type Files, makeTarGz, makeZip } from "./archives.ts";

export interface PackageDescription {
  readonly name: string;
  readonly version: string;
  readonly requires?: readonly string[] | undefined;
  readonly requiresPython?: string | undefined;
  readonly extras?: readonly string[] | undefined;
  /** Further files, below site-packages or the sdist's root. Each package has its module besides. */
  readonly files?: Files | undefined;
  /** `name = module:attribute` */
  readonly scripts?: readonly string[] | undefined;
  /** `py3-none-any` unless said otherwise. */
  readonly tag?: string | undefined;
  /** In the place of the metadata that all this comes to. */
  readonly metadata?: string | undefined;
  readonly metadataVersion?: string | undefined;
  /** Of an sdist: fields that its build may change. */
  readonly dynamic?: readonly string[] | undefined;
}

export interface MadeFile {
  readonly file: string;
  readonly bytes: Buffer;
  /** Of a wheel: what lies in it as METADATA. */
  readonly metadata: Buffer;
}

export function makeWheel(description: PackageDescription): MadeFile {
  const { version, tag = "py3-none-any" } = description;
  const name = escaped(description.name);
  const info = `${name}-${version}.dist-info`;
  const metadata = metadataText(description);
  const scripts = description.scripts ?? [];
  const files: Record<string, string | Uint8Array> = {
    [`${name}/__init__.py`]: `__version__ = "${version}"\n`,
    ...description.files,
    [`${info}/METADATA`]: metadata,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: fixture\nRoot-Is-Purelib: true\n${tags(tag)}\n`,
    ...(scripts.length === 0
      ? {}
      : { [`${info}/entry_points.txt`]: `[console_scripts]\n${scripts.join("\n")}\n` }),
  };
  const record = Object.entries(files).map(([path, contents]) => {
    const bytes = Buffer.from(contents);
    return `${path},sha256=${createHash("sha256").update(bytes).digest("base64url")},${bytes.length}`;
  });
  files[`${info}/RECORD`] = `${[...record, `${info}/RECORD,,`].join("\n")}\n`;
  return { file: `${name}-${version}-${tag}.whl`, bytes: makeZip(files), metadata: Buffer.from(metadata) };
}

/** With a build backend of its own in the archive, which needs nothing but Python's standard library. */
export function makeSdist(description: PackageDescription): MadeFile {
  const { version } = description;
  const name = escaped(description.name);
  const root = `${name}-${version}`;
  const metadata = metadataText({ metadataVersion: "2.2", ...description });
  const wheel = makeWheel({ ...description, metadataVersion: "2.1" });
  const backend = [
    "import base64, os",
    `WHEEL = base64.b64decode("${wheel.bytes.toString("base64")}")`,
    "def build_wheel(directory, config_settings=None, metadata_directory=None):",
    `    with open(os.path.join(directory, "${wheel.file}"), "wb") as file:`,
    "        file.write(WHEEL)",
    `    return "${wheel.file}"`,
    "",
  ].join("\n");
  const files: Record<string, string | Uint8Array> = {
    [`${root}/pyproject.toml`]:
      '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    [`${root}/backend.py`]: backend,
    [`${root}/PKG-INFO`]: metadata,
  };
  for (const [path, contents] of Object.entries(description.files ?? {})) files[`${root}/${path}`] = contents;
  return { file: `${root}.tar.gz`, bytes: makeTarGz(files), metadata: Buffer.from(metadata) };
}

export function metadataText(description: PackageDescription): string {
  if (description.metadata !== undefined) return description.metadata;
  const { name, version, requires = [], extras = [], dynamic = [], requiresPython } = description;
  return [
    `Metadata-Version: ${description.metadataVersion ?? "2.1"}`,
    `Name: ${name}`,
    `Version: ${version}`,
    "Summary: a package of the tests",
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
    ...requires.map((requirement) => `Requires-Dist: ${requirement}`),
    ...extras.map((extra) => `Provides-Extra: ${extra}`),
    ...dynamic.map((field) => `Dynamic: ${field}`),
    "",
    `# ${name}`,
    "",
    "Requires-Dist: this is the description, and no demand",
    "",
  ].join("\n");
}

function escaped(name: string): string {
  return name.replaceAll(/[-_.]+/g, "_").toLowerCase();
}

/** `py2.py3-none-any` is two tags. */
function tags(tag: string): string {
  const [pythons = "", abis = "", platforms = ""] = tag.split("-");
  return pythons
    .split(".")
    .flatMap((python) =>
      abis.split(".").flatMap((abi) => platforms.split(".").map((one) => `Tag: ${python}-${abi}-${one}`)),
    )
    .join("\n");
}
