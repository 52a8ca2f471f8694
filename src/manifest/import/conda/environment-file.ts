/**
 * conda's environment.yml: a name, channels, and dependencies, among them a list for pip.
 *
 * What conda has besides Python (compilers, programs, R) comes from Debian and CRAN here. Channels are
 * not carried over: versions of conda's packages and of PyPI's are mostly the same, but their builds are others.
 */
import { dirname } from "node:path";
import { isName } from "#format/python";
import type { Draft } from "../draft.ts";
import { type Place, someOf } from "../findings.ts";
import type { ProjectFile, ProjectFolder } from "../project-folder.ts";
import { exactVersion, noteLooseness } from "../python/looseness.ts";
import { wantPython } from "../python/python-version.ts";
import { importRequirements } from "../python/requirements-file.ts";
import type { Tree } from "../tree/tree.ts";
import { parseYamlTree } from "../tree/yaml-tree.ts";
import { type MatchSpec, parseMatchSpec } from "./match-spec.ts";
import { meaningOf } from "./names.ts";

export interface CondaImport {
  readonly draft: Draft;
  readonly folder: ProjectFolder;
  readonly seen: Set<string>;
}

export function importCondaEnvironment(file: ProjectFile, wanted: CondaImport): void {
  const { draft } = wanted;
  draft.files.push(file.shown);
  const tree = parseYamlTree(file);
  const at = (one: Tree): Place => ({ file: file.shown, line: one.line });
  draft.name ??= tree.text("name");
  for (const [name, value] of tree.entries("variables")) {
    const text = value.text() ?? String(value.flag() ?? "");
    if (/^[A-Za-z_]\w*$/.test(name)) draft.variables.set(name, text);
    else draft.findings.lose(at(value), `the variable \`${name}\``);
  }
  const channels = tree.at("channels");
  if (channels) {
    const names = channels.texts().join(", ");
    draft.findings.lose(
      at(channels),
      `conda's channels (${names}): packages come from PyPI, Debian and CRAN`,
    );
    draft.findings.mayChange(at(channels), `channels have no date: ${names}`);
  }
  const reader = new CondaSpecs(draft);
  for (const item of tree.items("dependencies")) {
    const text = item.text();
    if (text !== undefined) reader.add(text, at(item));
    else for (const [tool, list] of item.entries()) readOther(tool, list);
  }
  reader.finish();

  function readOther(tool: string, list: Tree): void {
    if (tool !== "pip") {
      draft.findings.lose(at(list), `dependencies of \`${tool}\``);
      return;
    }
    // pip gets these lines as a file of requirements; here too, each at its own line.
    const lines: string[] = [];
    for (const item of list.items()) {
      while (lines.length < item.line - 1) lines.push("");
      lines.push(item.text()?.replaceAll("\n", " ") ?? "");
    }
    const within = { ...file, path: `${file.path}/pip`, text: lines.join("\n") };
    importRequirements(within, { ...wanted, from: dirname(file.path) });
  }
}

/** Packages of conda, of a file or of `conda install`. */
export class CondaSpecs {
  readonly #draft: Draft;
  readonly #guessed: { readonly name: string; readonly place: Place }[] = [];

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  add(text: string, place: Place): void {
    const { findings } = this.#draft;
    const spec = parseMatchSpec(text);
    if (!spec) {
      findings.lose(place, `\`${text}\` is no package of conda's`);
      return;
    }
    const meaning = meaningOf(spec.name);
    switch (meaning.kind) {
      case "python":
        this.#python(spec, place);
        break;
      case "pypi":
        this.#pypi(meaning.name, spec, place);
        if (!meaning.isKnown) this.#guessed.push({ name: meaning.name, place });
        break;
      case "debian":
        for (const name of meaning.names) this.#draft.system.add(name);
        if (spec.specifiers !== "")
          findings.lose(place, `\`${text}\`: Debian's suite says the version of ${meaning.names.join(", ")}`);
        break;
      case "r":
        this.#r(meaning, spec, place);
        break;
      case "r-itself":
        this.#draft.usesR = true;
        if (spec.specifiers !== "") findings.lose(place, `\`${text}\`: Debian's suite says the version of R`);
        break;
      case "cuda":
        findings.lose(place, `\`${text}\`: wheels bring CUDA's libraries themselves, the host its driver`);
        break;
      case "implied":
        break;
    }
  }

  #python({ specifiers, build }: MatchSpec, place: Place): void {
    this.#draft.usesPython = true;
    if (specifiers === undefined) this.#draft.findings.lose(place, "the version of Python: alternatives");
    else if (specifiers !== "")
      wantPython(this.#draft, { text: specifiers, isExact: /^==[0-9.]+(?:\.\*)?$/.test(specifiers), place });
    if (build !== undefined) this.#lostBuild("python", build, place);
  }

  #pypi(name: string, { specifiers, build, channel }: MatchSpec, place: Place): void {
    const { findings } = this.#draft;
    if (!isName(name)) {
      findings.lose(place, `\`${name}\` is no name of a package of PyPI`);
      return;
    }
    if (specifiers === undefined)
      findings.lose(place, `\`${name}\`: its version, which PEP 440 has no words for`);
    if (build !== undefined) this.#lostBuild(name, build, place);
    if (channel !== undefined) findings.lose(place, `\`${name}\`: the channel \`${channel}\``);
    const found = { name, extras: [], version: specifiers ?? "", place };
    this.#draft.add(found);
    if (exactVersion(found) === undefined) noteLooseness(this.#draft, [{ name, place }]);
  }

  #lostBuild(name: string, build: string, place: Place): void {
    this.#draft.findings.lose(place, `\`${name}\`: conda's build \`${build}\``);
  }

  #r(
    meaning: { readonly name: string; readonly isKnown: boolean },
    { specifiers }: MatchSpec,
    place: Place,
  ): void {
    this.#draft.usesR = true;
    const bounds = (specifiers ?? "").split(",").filter((clause) => /^>=/.test(clause));
    this.#draft.r.set(meaning.name, bounds.map((clause) => `>= ${clause.slice(2)}`)[0] ?? "");
    if (specifiers !== "" && bounds.length === 0)
      this.#draft.findings.lose(
        place,
        `\`${meaning.name}\`: its version; name a day of CRAN with \`[r] snapshot\``,
      );
    if (!meaning.isKnown)
      this.#draft.findings.lose(
        place,
        `capitals of the R package \`${meaning.name}\`, which conda's names do not have`,
      );
  }

  /** One line for all names that no table has. */
  finish(): void {
    const [first] = this.#guessed;
    if (!first) return;
    for (const { name } of this.#guessed) this.#draft.guessed.add(name);
    const names = someOf(
      this.#guessed.map(({ name }) => name),
      8,
    );
    this.#draft.findings.lose(
      first.place,
      `taken as PyPI's names without a look, which \`--check-names\` gives them: ${names}`,
    );
  }
}
