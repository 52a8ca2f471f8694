/**
 * A random program: bindings of derivations and sources that refer to each other, and cases that look at them. Each case
 * can be asked alone, so a difference is traced to one expression and the few bindings that it needs.
 */
import { bindDerivation } from "./derivations.ts";
import { type Binding, type Features, Generator } from "./generator.ts";
import { hashExpression } from "./hashes.ts";
import { mistake } from "./mistakes.ts";
import { source } from "./sources.ts";
import { string } from "./strings.ts";
import { value } from "./values.ts";

export interface Case {
  readonly expression: string;
  /** Whether it is expected to evaluate; others are asked one by one, as an error ends a process. */
  readonly isSound: boolean;
}

export interface Program {
  readonly seed: number;
  /** How values are to be printed. */
  readonly form: "nix" | "json";
  readonly bindings: readonly Binding[];
  /** Names of those bindings that are derivations. */
  readonly derivations: readonly string[];
  readonly cases: readonly Case[];
}

const BINDINGS = 24;
const VALUES = 20;
const MISTAKES = 2;

/** Derivations and cases of one program, which is how its size is counted. */
export const PROGRAM_SIZE = 36;

export function generateProgram(seed: number, features: Features): Program {
  const gen = new Generator(seed, features);
  for (let i = 0; i < BINDINGS; i++) {
    if (gen.random.chance(0.25)) gen.bindFile(source(gen));
    else bindDerivation(gen);
  }
  // JSON can't show bytes that are not UTF-8.
  const form = seed % 2 === 0 ? "nix" : "json";
  const expression = form === "nix" ? () => soundCase(gen) : () => gen.asText(() => soundCase(gen));
  const sound = gen.random.list(VALUES, () => ({ expression: expression(), isSound: true }));
  const mistakes = gen.random.list(MISTAKES, () => ({ expression: mistake(gen), isSound: false }));
  return {
    seed,
    form,
    bindings: gen.bindings,
    derivations: gen.derivations.map(({ name }) => name),
    cases: [...sound, ...mistakes],
  };
}

function soundCase(gen: Generator): string {
  const drv = () => (gen.derivations.length === 0 ? "{ }" : gen.random.pick(gen.derivations).name);
  return gen.choose([
    () => `held ${string(gen, 3)}`,
    () => `held ${string(gen, 3)}`,
    () => string(gen, 3),
    () => source(gen),
    () => hashExpression(gen),
    () => gen.asText(() => `held (builtins.toJSON ${value(gen, 4)})`),
    () => `held (builtins.toXML ${value(gen, 4)})`,
    () =>
      gen.asText(
        () => `builtins.fromJSON (builtins.unsafeDiscardStringContext (builtins.toJSON ${value(gen, 4)}))`,
      ),
    () => `builtins.getContext ${string(gen, 3)}`,
    () => `builtins.hasContext ${string(gen, 2)}`,
    () => `${drv()} == ${drv()}`,
    () => `builtins.attrNames ${drv()}`,
    () => `(${drv()} // { x = ${string(gen, 1)}; }).drvPath`,
    () => `map (d: d.outPath) ${drv()}.all`,
    () => `builtins.mapAttrs (n: v: builtins.typeOf v) ${drv()}.drvAttrs`,
    () => `builtins.parseDrvName (builtins.unsafeDiscardStringContext (baseNameOf ${string(gen, 1)}))`,
    () => `builtins.toJSON [ ${drv()} ${drv()} ]`,
    () => `builtins.concatMap (d: map (o: d.\${o}) (d.outputs or [ "out" ])) [ ${drv()} ${drv()} ]`,
  ]);
}

/** `show` makes contexts visible, `held` puts a string and its context into a derivation. */
const PRELUDE = String.raw`
  show = v:
    if builtins.isString v then { text = v; context = builtins.getContext v; }
    else if builtins.isList v then map show v
    else if builtins.isPath v then { path = toString v; }
    else if !(builtins.isAttrs v) then v
    else if v.type or null == "derivation" then
      { inherit (v) drvPath outputName; outputs = map (o: v.\${o}.outPath) (v.outputs or [ "out" ]); }
    else builtins.mapAttrs (name: show) v;
  held = text: derivation { name = "held"; system = "any"; builder = "b"; inherit text; };
`.replaceAll("\\${", "${");

export interface ProgramPart {
  readonly cases: readonly Case[];
  readonly derivations: readonly string[];
}

/** The text of a program with some of its cases, and no more of its bindings than these need. */
export function formatProgram(program: Program, fixtures: string, part: ProgramPart): string {
  const needed = neededBindings(program, part);
  const bindings = needed.map(({ name, text }) => `  ${name} = ${text};`).join("\n");
  const cases = part.cases.map(({ expression }) => `    (show (${expression}))`).join("\n");
  const derivations = part.derivations.map((name) => `    ${name}`).join("\n");
  return `let\n  fixtures = ${fixtures};${PRELUDE}${bindings}\nin {\n  values = [\n${cases}\n  ];\n  derivations = [\n${derivations}\n  ];\n}\n`;
}

function neededBindings(program: Program, part: ProgramPart): Binding[] {
  const byName = new Map(program.bindings.map((binding) => [binding.name, binding]));
  const needed = new Set<string>();
  const queue = [part.derivations.join(" "), ...part.cases.map(({ expression }) => expression)];
  for (let text = queue.pop(); text !== undefined; text = queue.pop()) {
    for (const [name] of text.matchAll(/\b(?:drv|file)\d+\b/g)) {
      const binding = byName.get(name);
      if (binding === undefined || needed.has(name)) continue;
      needed.add(name);
      queue.push(binding.text);
    }
  }
  return program.bindings.filter(({ name }) => needed.has(name));
}
