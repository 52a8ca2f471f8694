/** Values that JSON and XML can show: what structured attributes hold. */
import type { Generator } from "./generator.ts";
import { attributeNames, float, integer, stringLiteral } from "./literals.ts";
import { path } from "./sources.ts";
import { reference, string } from "./strings.ts";

export function value(gen: Generator, depth = 3): string {
  const { random } = gen;
  const simple = [
    () => integer(gen),
    () => float(gen),
    () => random.pick(["true", "false", "null"]),
    () => stringLiteral(gen),
    () => `"\${${reference(gen)}}"`,
    () => (gen.derivations.length === 0 ? "null" : random.pick(gen.derivations).name),
    () => path(gen),
  ];
  if (depth <= 0 || random.chance(0.35)) return gen.choose(simple);
  const inner = () => value(gen, depth - 1);
  return gen.choose([
    () => gen.list(5, inner),
    () => attributeSet(gen, inner),
    () => attributeSet(gen, inner),
    () => string(gen, depth - 1),
    () => `{ outPath = ${string(gen, depth - 1)}; ignored = (x: x); }`,
    () => `{ __toString = self: ${string(gen, depth - 1)}; }`,
  ]);
}

function attributeSet(gen: Generator, inner: () => string): string {
  const names = attributeNames(gen, gen.random.below(6));
  return `{ ${names.map((name) => `${name} = ${inner()};`).join(" ")} }`;
}
