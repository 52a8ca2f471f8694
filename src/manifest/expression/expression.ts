/**
 * copse.toml as a Nix expression over the package set. The commands evaluate this very text, and `copse eject`
 * writes it down; so both come to the same derivations.
 */

import { CopseError } from "#base";
import { type Manifest, type ManifestPath, placeOf } from "../manifest.ts";
import { dataMembers } from "./data.ts";
import { type EnvironmentContents, environmentsOf, type Placed } from "./environments.ts";
import {
  atom,
  attributeName,
  attrs,
  call,
  list,
  type Mark,
  type NixMember,
  type NixNode,
  NixText,
  pathText,
  string,
} from "./nix-text.ts";
import { pythonNode } from "./python.ts";

export interface ManifestExpression {
  readonly text: string;
  /** Which parts are from which values of copse.toml. */
  readonly marks: readonly Mark[];
}

/** Where an environment stands in the expression: an attribute path, empty for the default one. */
export function environmentAttribute(name: string | undefined): string {
  return name === undefined ? "" : `environments.${name}`;
}

/** @throws CopseError `manifest-package`, `manifest-group`, `manifest-variable`, `python-debian-requirement`. */
export function manifestExpression(manifest: Manifest): ManifestExpression {
  const [first, ...others] = environmentsOf(manifest) as [EnvironmentContents, ...EnvironmentContents[]];
  const text = new NixText();
  text.write("{\n  pkgs ? ").node(packageSet(manifest, first.suite), "  ").write(",\n}:\n");
  const sets = new Map([[first.suite, "pkgs"]]);
  for (const { suite } of others) if (!sets.has(suite)) sets.set(suite, `pkgs-${suite}`);
  const bindings = [...sets]
    .filter(([, name]) => name !== "pkgs")
    .map(([suite, name]): NixMember => [name, packageSet(manifest, suite)]);
  if (bindings.length > 0) {
    text.write("let\n");
    for (const [name, node] of bindings)
      text
        .write(`  ${attributeName(name)} = `)
        .node(node, "  ")
        .write(";\n");
    text.write("in\n");
  }
  const nodeOf = (contents: EnvironmentContents, more?: NixMember) =>
    shellNode(manifest, { contents, packages: sets.get(contents.suite) as string, more });
  const environments = others.map((contents): NixMember => [contents.name as string, nodeOf(contents)]);
  const more: NixMember | undefined =
    environments.length === 0 ? undefined : ["passthru", attrs({ environments: attrs(environments) })];
  text.node(nodeOf(first, more)).write("\n");
  return { text: text.text, marks: text.byteMarks() };
}

function packageSet(manifest: Manifest, suite: string): NixNode {
  const { system, python, r } = manifest.data;
  const strings = (texts: readonly string[] | undefined) => texts && list(texts.map((text) => string(text)));
  const debian = attrs({
    suite: string(suite, system?.suite ? ["system", "suite"] : undefined),
    pockets: strings(system?.pockets),
    components: strings(system?.components),
    snapshot: system?.snapshot === undefined ? undefined : string(system.snapshot, ["system", "snapshot"]),
    locales: strings(system?.locales),
    repositories:
      system?.repositories &&
      list(
        system.repositories.map((each, at) =>
          attrs(
            {
              name: string(each.name),
              uris: strings(each.uris),
              suite: string(each.suite),
              components: strings(each.components),
              signedBy: each["signed-by"] === undefined ? undefined : atom(pathText(each["signed-by"])),
              priority: each.priority === undefined ? undefined : integerNode(each.priority),
              snapshot: each.snapshot === undefined ? undefined : string(each.snapshot),
              trusted: each.trusted === undefined ? undefined : atom(String(each.trusted)),
            },
            ["system", "repositories", at],
          ),
        ),
      ),
    pins:
      system?.pins &&
      list(
        system.pins.map((each, at) =>
          attrs(
            { package: string(each.package), pin: string(each.pin), priority: integerNode(each.priority) },
            ["system", "pins", at],
          ),
        ),
      ),
  });
  const config = attrs({
    debian,
    r:
      r && (r.from ?? r.snapshot ?? r.build ?? r.constraints ?? r.suggests) !== undefined
        ? rSettings(r)
        : undefined,
    pythonPackages: python && string(python.from ?? "pypi", python.from ? ["python", "from"] : undefined),
  });
  return call([atom("import <nixpkgs>"), attrs({ config })]);
}

function texts(all: readonly string[] | undefined, origin: ManifestPath): NixNode | undefined {
  return all && list(all.map((each, at) => string(each, [...origin, at])));
}

function rSettings(r: NonNullable<Manifest["data"]["r"]>): NixNode {
  return attrs({
    from: r.from === undefined ? undefined : string(r.from, ["r", "from"]),
    snapshot: r.snapshot === undefined ? undefined : string(r.snapshot, ["r", "snapshot"]),
    constraints: texts(r.constraints, ["r", "constraints"]),
    suggests: texts(r.suggests, ["r", "suggests"]),
    build:
      r.build &&
      attrs(
        [...r.build].map(([name, build]): NixMember => {
          const origin = ["r", "build", name];
          const { packages, variables } = build;
          return [
            name,
            attrs({
              packages:
                packages && list(packages.map((each, at) => string(each, [...origin, "packages", at]))),
              variables:
                variables &&
                attrs([...variables].map(([key, value]): NixMember => [key, string(value, origin)])),
            }),
          ];
        }),
      ),
  });
}

function integerNode(value: number): NixNode {
  return atom(value < 0 ? `(${value})` : String(value));
}

interface ShellParts {
  readonly contents: EnvironmentContents;
  /** The variable that holds the package set. */
  readonly packages: string;
  readonly more: NixMember | undefined;
}

function shellNode(manifest: Manifest, { contents, packages, more }: ShellParts): NixNode {
  const { name, r } = contents;
  const inputs = [
    ...contents.systemPackages.map(({ text, origin }) =>
      atom(`${packages}.debian.${attributeName(text)}`, origin),
    ),
    ...(contents.usesPython
      ? [
          pythonNode(manifest, {
            packageSet: packages,
            version: contents.pythonVersion,
            entries: contents.python,
          }),
        ]
      : []),
    ...(r ? [rNode(packages, r)] : []),
  ];
  const variables = [...contents.variables].map(([variable, { text, origin }]): NixMember => {
    checkVariable(manifest, variable, origin);
    return [variable, string(text, origin)];
  });
  const { hostPrograms } = contents;
  return call([
    atom(`${packages}.mkShell`),
    attrs([
      ["name", string(name === undefined ? manifest.name : `${manifest.name}-${name}`)],
      ["packages", list(inputs)],
      ...variables,
      ...dataMembers(manifest, packages),
      ...(hostPrograms.length > 0
        ? [["hostPrograms", list(hostPrograms.map(({ text, origin }) => string(text, origin)))] as const]
        : []),
      ...(more ? [more] : []),
    ]),
  ]);
}

function rNode(packages: string, names: readonly Placed[]): NixNode {
  if (names.length === 0) return atom(`${packages}.rWrapper`);
  const wanted = names.map(({ text, origin }) => string(text, origin));
  return call([atom(`${packages}.rWrapper.withRequirements`), list(wanted)]);
}

/** What mkShell and derivations take for something else than a variable. */
const TAKEN = new Set(
  `name packages buildInputs nativeBuildInputs propagatedBuildInputs propagatedNativeBuildInputs inputsFrom shellHook
  passthru meta system builder args outputs out sandboxRoot copseLauncher requiredSystemFeatures preferLocalBuild
  allowSubstitutes hostPrograms stdenv passAsFile PATH IN_NIX_SHELL COPSE_PROJECT COPSE_DERIVATION`.split(
    /\s+/,
  ),
);

/** @throws CopseError `manifest-variable`. */
export function checkVariable(manifest: Manifest, name: string, origin: Placed["origin"]): void {
  if (!TAKEN.has(name) && !name.startsWith("__")) return;
  const hint =
    name === "PATH"
      ? "PATH is that of the environment; a task can change it for itself: run = 'PATH=$PWD/bin:$PATH tool'"
      : "give the variable another name";
  throw new CopseError("manifest-variable", `An environment has this name for itself: \`${name}\``, {
    span: placeOf(manifest, origin),
    hint,
  });
}
