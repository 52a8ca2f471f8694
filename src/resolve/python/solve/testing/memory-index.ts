/** For tests: an index in memory. File names and metadata are text, as a real index has them. */
import { type CoreMetadata, normaliseName, parseCoreMetadata } from "#format/python";
import type { IndexFile, PackageIndex } from "../package-index.ts";

export interface MemoryVersion {
  readonly requires?: readonly string[];
  readonly extras?: Readonly<Record<string, readonly string[]>>;
  readonly requiresPython?: string;
  /** Of the index' page alone, not in the metadata. */
  readonly listing?: Partial<IndexFile>;
  /** Wheels by their tags; `py3-none-any` if nothing is said. */
  readonly wheels?: readonly string[];
  readonly sdist?: boolean;
  /** In place of the metadata that the other fields make. */
  readonly metadata?: string;
}

export type MemoryProjects = Readonly<Record<string, Readonly<Record<string, MemoryVersion>>>>;

export interface MemoryIndex extends PackageIndex {
  /** What was asked, in order. */
  readonly asked: readonly string[];
}

export function memoryIndex(
  projects: MemoryProjects,
  {
    direct = {},
  }: { readonly direct?: Readonly<Record<string, { name: string; version: string } & MemoryVersion>> } = {},
): MemoryIndex {
  const texts = new Map<string, string>();
  const parsed = new Map<string, CoreMetadata>();
  const asked: string[] = [];
  const listed = (name: string, version: string, about: MemoryVersion): IndexFile[] =>
    filesOf(name, version, about).map((file) => {
      texts.set(file, about.metadata ?? metadataText(name, version, about));
      const { requiresPython } = about;
      return {
        file,
        url: `memory:${file}`,
        ...(requiresPython !== undefined && { requiresPython }),
        ...about.listing,
      };
    });
  return {
    asked,
    files(project) {
      asked.push(project);
      const versions = projects[project];
      return (
        versions && Object.entries(versions).flatMap(([version, about]) => listed(project, version, about))
      );
    },
    metadata({ file }) {
      asked.push(file);
      const known = parsed.get(file) ?? parseCoreMetadata(texts.get(file)!);
      parsed.set(file, known);
      return known;
    },
    direct(_project, url) {
      const found = direct[url];
      if (!found) throw new Error(`No such URL: ${url}`);
      return { ...listed(found.name, found.version, found)[0]!, url };
    },
  };
}

function filesOf(
  name: string,
  version: string,
  { wheels = ["py3-none-any"], sdist }: MemoryVersion,
): string[] {
  const stem = `${normaliseName(name).replaceAll("-", "_")}-${version}`;
  return [...wheels.map((tags) => `${stem}-${tags}.whl`), ...(sdist ? [`${stem}.tar.gz`] : [])];
}

function metadataText(name: string, version: string, about: MemoryVersion): string {
  const lines = ["Metadata-Version: 2.3", `Name: ${name}`, `Version: ${version}`];
  if (about.requiresPython !== undefined) lines.push(`Requires-Python: ${about.requiresPython}`);
  for (const requirement of about.requires ?? []) lines.push(`Requires-Dist: ${requirement}`);
  for (const [extra, requirements] of Object.entries(about.extras ?? {})) {
    lines.push(`Provides-Extra: ${extra}`);
    for (const requirement of requirements) lines.push(`Requires-Dist: ${withExtra(requirement, extra)}`);
  }
  return `${lines.join("\n")}\n`;
}

function withExtra(requirement: string, extra: string): string {
  const [named, marker] = requirement.split(";");
  const condition = `extra == "${extra}"`;
  return `${named!.trim()} ; ${marker === undefined ? condition : `(${marker.trim()}) and ${condition}`}`;
}
