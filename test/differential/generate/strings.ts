/** Expressions for strings, with contexts of all kinds and through all builtins that carry contexts along. */
import type { Generator } from "./generator.ts";
import { indentedLiteral, integer, stringLiteral } from "./literals.ts";
import { path } from "./sources.ts";
import { value } from "./values.ts";

/** What stands between `${` and `}`. */
export function reference(gen: Generator): string {
  const { random, derivations, files } = gen;
  if (files.length > 0 && random.chance(0.25)) return random.pick(files).name;
  if (derivations.length === 0) return random.chance(0.3) ? path(gen) : stringLiteral(gen);
  const drv = random.pick(derivations);
  const withOutput = `${drv.name}.${random.pick(drv.outputs)}`;
  if (random.chance(0.1)) return path(gen);
  if (random.chance(0.2)) return contextForm(gen, drv.name);
  return random.pick([withOutput, withOutput, drv.name, `${withOutput}.outPath`, `(toString ${drv.name})`]);
}

/** A derivation itself instead of its outputs: with all its outputs, or as the plain file that it is. */
function contextForm(gen: Generator, drv: string): string {
  const plain = `(builtins.unsafeDiscardOutputDependency ${drv}.drvPath)`;
  const forms = [`${drv}.drvPath`, plain, `(builtins.unsafeDiscardStringContext ${drv}.outPath)`];
  if (gen.features.addDrvOutputDependencies) forms.push(`(builtins.addDrvOutputDependencies ${plain})`);
  return gen.random.pick(forms);
}

/** A string that only plain store paths and no derivation's outputs are the context of: what `toFile` takes. */
export function plainString(gen: Generator): string {
  const { random, files } = gen;
  const parts = random.list(random.below(3), () =>
    files.length === 0 ? "" : `\${${random.pick(files).name}}`,
  );
  return `(${stringLiteral(gen)} + "${parts.join(" ")}")`;
}

export function string(gen: Generator, depth = 2): string {
  const { random } = gen;
  const simple = [
    () => stringLiteral(gen),
    () =>
      `"${random.list(1 + random.below(3), () => `\${${reference(gen)}}`).join(random.pick(["", ":", " -- "]))}"`,
    () => `(${stringLiteral(gen)} + "\${${reference(gen)}}/bin")`,
    () => indentedLiteral(gen, () => reference(gen)),
    () => `(placeholder "${random.pick(["out", "dev", "lib", "x"])}")`,
  ];
  if (depth <= 0 || random.chance(0.4)) return gen.choose(simple);
  const inner = () => string(gen, depth - 1);
  const ways = [
    () => `(${inner()} + ${inner()})`,
    () => `(builtins.replaceStrings [ "a" "/n" ] [ ${inner()} ${inner()} ] ${inner()})`,
    () => `(builtins.concatStringsSep ${inner()} ${gen.list(4, inner)})`,
    () => `(let s = ${inner()}; in "\${s}-\${s}")`,
    () => `(builtins.appendContext ${inner()} (builtins.getContext ${inner()}))`,
    () => `(builtins.unsafeDiscardStringContext ${inner()})`,
    () =>
      `(toString ${gen.list(4, () => gen.choose([inner, () => integer(gen), () => "true", () => "null"]))})`,
    () => `(baseNameOf ${inner()})`,
    () => `(dirOf ${inner()})`,
    () => `(builtins.hashString "${random.pick(["md5", "sha1", "sha256", "sha512"])}" ${inner()})`,
    () => gen.asText(() => `(builtins.toJSON ${value(gen, depth - 1)})`),
    () =>
      gen.asText(
        () =>
          `(builtins.fromJSON (builtins.unsafeDiscardStringContext (builtins.toJSON ${string(gen, depth - 1)})))`,
      ),
    () =>
      `(builtins.concatStringsSep "|" (builtins.filter builtins.isString (builtins.split "[a-c/]" ${inner()})))`,
    () => `(if ${inner()} == ${inner()} then ${inner()} else ${inner()})`,
    () => `"\${{ outPath = ${inner()}; }}"`,
    () => `"\${{ __toString = self: self.text + ${inner()}; text = ${inner()}; }}"`,
  ];
  // Cutting by bytes can leave half a character, and an empty string is found between any two bytes.
  if (gen.allowsBytes) {
    // It shows all that a derivation was made of.
    ways.push(() => `(builtins.toXML ${value(gen, depth - 1)})`);
    ways.push(() => `(builtins.replaceStrings [ ${stringLiteral(gen)} "" ] [ ${inner()} "-" ] ${inner()})`);
    ways.push(() => `(builtins.substring ${random.below(5)} ${random.below(60)} ${inner()})`);
    ways.push(() => `(builtins.readFile (fixtures + "/bytes.bin"))`);
  }
  return gen.choose(ways);
}
