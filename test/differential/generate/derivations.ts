/** Calls of `derivation` with all that may be said in one. */
import type { Generator } from "./generator.ts";
import { writtenHash } from "./hashes.ts";
import { attributeNames, float, integer, stringLiteral } from "./literals.ts";
import { path, source, storeName } from "./sources.ts";
import { reference, string } from "./strings.ts";
import { value } from "./values.ts";

const OUTPUTS = [
  ["out"],
  ["out"],
  ["out", "dev"],
  ["lib", "out", "doc"],
  ["bin"],
  ["dev", "a", "b-c"],
  ["out", "x_y"],
];

export function bindDerivation(gen: Generator): void {
  const kind = gen.random.below(100);
  if (kind < 25) bindFixed(gen);
  else if (kind < 50 && gen.features.current) bindStructured(gen);
  else bindPlain(gen);
}

/** Adds the attributes in a random order: the result must not depend on it. */
function bind(gen: Generator, outputs: readonly string[], attributes: readonly string[]): void {
  const all = [...attributes];
  const shuffled = attributes.map(() => all.splice(gen.random.below(all.length), 1)[0]);
  gen.bindDerivation(`derivation { ${shuffled.join(" ")} }`, outputs);
}

/** With structured attributes the builder must be a string and no path. */
function skeleton(gen: Generator, isStructured = false): string[] {
  const { random } = gen;
  const name = storeName(gen);
  const attributes = [
    `name = ${random.chance(0.1) ? `("${name}" + "-${random.below(10)}")` : `"${name}"`};`,
    `system = ${random.pick(['"x86_64-linux"', '"builtin"', '"any"', '"aarch64-darwin"'])};`,
    `builder = ${gen.choose([...(isStructured ? [] : [() => path(gen)]), () => '"/bin/sh"', () => source(gen), () => `"\${${reference(gen)}}/bin/sh"`])};`,
  ];
  if (random.chance(0.6)) attributes.push(`args = ${gen.list(5, () => coercible(gen))};`);
  return attributes;
}

/** What becomes a string, with everything that is a string already in it. */
function coercible(gen: Generator, depth = 2): string {
  const { random } = gen;
  const ways = [
    () => string(gen),
    () => string(gen),
    () => integer(gen),
    () => random.pick(["true", "false", "null"]),
    () => path(gen),
    () => source(gen),
    () => float(gen),
    () => `"\${${reference(gen)}}"`,
    () => (gen.derivations.length === 0 ? '""' : random.pick(gen.derivations).name),
    () => `{ outPath = ${string(gen, 1)}; }`,
  ];
  if (depth > 0) {
    ways.push(() => gen.list(4, () => coercible(gen, depth - 1)));
    ways.push(() =>
      gen.list(3, () => (gen.derivations.length === 0 ? "1" : random.pick(gen.derivations).name)),
    );
  }
  return gen.choose(ways);
}

function outputsOf(gen: Generator, attributes: string[]): readonly string[] {
  const outputs = gen.random.pick(OUTPUTS);
  if (outputs.length > 1 || outputs[0] !== "out" || gen.random.chance(0.3))
    attributes.push(`outputs = [ ${outputs.map((output) => `"${output}"`).join(" ")} ];`);
  return outputs;
}

/** Attributes with a meaning for the build, as variables. */
function special(gen: Generator, outputs: readonly string[]): string {
  const drv = () => (gen.derivations.length === 0 ? '"out"' : gen.random.pick(gen.derivations).name);
  return gen.choose([
    () => `passAsFile = [ "v1" "v2" ];`,
    () => `allowedReferences = [ "${gen.random.pick(outputs)}" ${drv()} ];`,
    () => `disallowedRequisites = [ ${drv()} ];`,
    () => `exportReferencesGraph = [ "graph" ${drv()} ];`,
    () => `impureEnvVars = [ "http_proxy" "HOME" ];`,
    () => `preferLocalBuild = ${gen.random.pick(["true", "false"])};`,
    () => `allowSubstitutes = false;`,
    () => `requiredSystemFeatures = [ "kvm" "big-parallel" ];`,
    () => `__noChroot = true;`,
    () => `__ignoreNulls = ${gen.random.pick(["true", "false"])};`,
    () => `__structuredAttrs = false;`,
  ]);
}

function variables(gen: Generator, make: () => string): string[] {
  return attributeNames(gen, gen.random.below(7)).map((name) => `${name} = ${make()};`);
}

function bindPlain(gen: Generator): void {
  const attributes = skeleton(gen);
  const outputs = outputsOf(gen, attributes);
  if (gen.random.chance(0.35)) attributes.push(special(gen, outputs));
  bind(gen, outputs, [...attributes, ...variables(gen, () => coercible(gen))]);
}

function bindFixed(gen: Generator): void {
  const { random } = gen;
  const isStructured = random.chance(0.15) && gen.features.current;
  const attributes = skeleton(gen, isStructured);
  const { algorithm, text, isTyped } = writtenHash(gen);
  attributes.push(`outputHash = "${text}";`);
  if (!isTyped || random.chance(0.5)) attributes.push(`outputHashAlgo = "${algorithm}";`);
  const modes = ["flat", "recursive", ...(gen.features.current ? ["nar"] : [])];
  if (random.chance(0.7)) attributes.push(`outputHashMode = "${random.pick(modes)}";`);
  if (isStructured) {
    attributes.push("__structuredAttrs = true;");
    bind(gen, ["out"], [...attributes, ...gen.asText(() => variables(gen, () => value(gen)))]);
  } else bind(gen, ["out"], [...attributes, ...variables(gen, () => coercible(gen))]);
}

function bindStructured(gen: Generator): void {
  const { random } = gen;
  gen.asText(() => {
    const attributes = [...skeleton(gen, true), "__structuredAttrs = true;"];
    const outputs = outputsOf(gen, attributes);
    if (random.chance(0.3)) attributes.push(structuredSpecial(gen, outputs));
    if (random.chance(0.2)) attributes.push(`__ignoreNulls = true;`);
    bind(gen, outputs, [...attributes, ...variables(gen, () => value(gen))]);
  });
}

function structuredSpecial(gen: Generator, outputs: readonly string[]): string {
  const drv = () => (gen.derivations.length === 0 ? '"out"' : gen.random.pick(gen.derivations).name);
  return gen.choose([
    () =>
      `outputChecks.${gen.random.pick(outputs)} = { allowedReferences = [ "out" ${drv()} ]; maxSize = 4096; };`,
    () => `exportReferencesGraph = { closure = [ ${drv()} ${drv()} ]; one = ${drv()}; };`,
    () => `unsafeDiscardReferences = { out = true; };`,
    () => `env = { A = ${stringLiteral(gen)}; B = "2"; };`,
    () => `allowSubstitutes = false;`,
  ]);
}
