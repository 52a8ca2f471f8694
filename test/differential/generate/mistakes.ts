/** Expressions that are wrong, or nearly: both evaluators must refuse the same ones. */
import type { Generator } from "./generator.ts";
import { writtenHash } from "./hashes.ts";
import { stringLiteral } from "./literals.ts";
import { filePath, folderPath, path } from "./sources.ts";
import { string } from "./strings.ts";
import { value } from "./values.ts";

/** A derivation with one thing changed. */
function derivationWith(attributes: string): string {
  return `(derivation ({ name = "m"; system = "s"; builder = "b"; } // { ${attributes} })).drvPath`;
}

/** One character or length that is not right, often. */
function damagedHash(gen: Generator): { readonly text: string; readonly algorithm: string } {
  const { random } = gen;
  const { text, algorithm } = writtenHash(gen);
  const at = random.below(text.length);
  const damaged = random.pick([
    text.slice(0, at) +
      random.pick(["e", "u", "=", " ", "G", "-", ":", "/", "\u00e9", ""]) +
      text.slice(at + 1),
    text.slice(0, at),
    text + random.pick(["=", "0", "A", "=="]),
    text.toUpperCase(),
    text.replace(/=+$/, ""),
    `sha3:${text}`,
    `${algorithm}-${text}`,
    `${random.pick(["md5", "sha256"])}:${text}`,
  ]);
  return { text: damaged.replace(/[\u0080-\uffff]/g, "\\xe9"), algorithm };
}

export function mistake(gen: Generator): string {
  const { random } = gen;
  const drv = () => (gen.derivations.length === 0 ? '(abort "none")' : random.pick(gen.derivations).name);
  const ways = [
    () => {
      const { text, algorithm } = damagedHash(gen);
      const named = random.chance(0.7) ? `outputHashAlgo = "${algorithm}";` : "";
      return derivationWith(`outputHash = "${text}"; ${named}`);
    },
    () =>
      derivationWith(
        `outputHash = ""; outputHashAlgo = "${random.pick(["sha256", "md5", "sha512", "none"])}";`,
      ),
    () =>
      derivationWith(
        `outputs = [ ${random.pick(['"out" "out"', '""', '"a b"', '"drv"', '"é"', "1", '"out!"', ""])} ];`,
      ),
    () =>
      derivationWith(
        `name = ${random.pick(['"a b"', '""', '"."', '".."', '".a"', '"a.drv"', '"a/b"', "1", `"${"x".repeat(212)}"`, `"${"x".repeat(211)}"`])};`,
      ),
    () => derivationWith(`name = "${random.pick(["-a", "a?", "é", "a+", "~", ".-", "..-a", ".a-b"])}";`),
    () =>
      derivationWith(
        `a = ${random.pick(["x: x", "{ }", "{ a = 1; }", 'throw "t"', "derivation", "[ (x: x) ]"])};`,
      ),
    () =>
      derivationWith(
        `__structuredAttrs = true; a = ${random.pick(["x: x", 'throw "t"', "1.0e400", "[ (x: x) ]"])};`,
      ),
    () => derivationWith(`__structuredAttrs = true; a = builtins.readFile (fixtures + "/bytes.bin");`),
    () => derivationWith(`args = ${random.pick(["1", '"a"', "[ { } ]", "null", "[ [ 1 2 ] ]"])};`),
    () => derivationWith(`builder = ${random.pick(["null", "1", "true", "[ ]", '""'])};`),
    () => derivationWith(`system = ${random.pick(["null", "1", '""', '[ "a" ]'])};`),
    () => derivationWith(`__ignoreNulls = ${random.pick(["null", "1", '""'])}; a = null;`),
    () =>
      derivationWith(
        `outputHash = "${writtenHash(gen).text}"; outputHashAlgo = "${random.pick(["md5", "sha1", "sha256", "sha512"])}"; outputHashMode = "${random.pick(["flat", "recursive", "nar", "x", ""])}";`,
      ),
    () => derivationWith(`outputHash = "${writtenHash(gen).text}"; outputs = [ "out" "dev" ];`),
    () => `${drv()}.nothing`,
    () => `builtins.toFile "f" "\${${drv()}}"`,
    () => `builtins.toFile "f" ${drv()}.drvPath`,
    () => `builtins.toFile ${stringLiteral(gen)} "x"`,
    () => `"\${fixtures + "/names/with space"}"`,
    () => `builtins.path { path = fixtures + "/names/with space"; name = ${stringLiteral(gen)}; }`,
    () => `builtins.path { path = ${path(gen)}; sha256 = "${writtenHash(gen, ["sha256"]).text}"; }`,
    () => `builtins.path { path = ${folderPath(gen)}; recursive = false; }`,
    () => `builtins.path { path = ${path(gen)}; unknown = 1; }`,
    () => `builtins.filterSource (path: type: 1) ${folderPath(gen)}`,
    () => `"\${fixtures + "/missing"}"`,
    () => `builtins.readFile ${folderPath(gen)}`,
    () => `builtins.hashString "md5" (builtins.readFile ${filePath(gen)} + "x")`,
    () => `builtins.hashFile "sha256" ${folderPath(gen)}`,
    () => `builtins.hashString "${random.pick(["sha3", "", "SHA256", "md5"])}" "a"`,
    () => `builtins.toJSON (builtins.readFile (fixtures + "/bytes.bin"))`,
    () => `builtins.toJSON (${value(gen)})`,
    () => `builtins.appendContext "a" { "\${${drv()}}" = { outputs = [ "out" ]; }; }`,
    () =>
      `builtins.appendContext "a" { \${builtins.unsafeDiscardStringContext ${drv()}.drvPath} = { ${random.pick(['outputs = [ "nope" ]', "path = true", "allOutputs = true", 'outputs = "out"', "other = 1"])}; }; }`,
    () => `builtins.substring ${random.pick(["(-1)", "0"])} ${random.pick(["(-1)", "3"])} ${string(gen)}`,
    () => `builtins.concatStringsSep "," [ "a" ${random.pick(["1", "null", "{ }", "[ ]"])} ]`,
    () => `"\${${random.pick(["1", "null", "true", "[ ]", "{ }", "1.5"])}}"`,
    () => `toString ${random.pick(["{ }", "(x: x)", "[ { } ]", "1.5", "[ [ 1 ] 2 ]"])}`,
    () => `${string(gen)} + ${random.pick(["1", "null", path(gen), "{ }"])}`,
    () => `/. + ${string(gen)}`,
    () => `placeholder ${random.pick(["1", '""', "null"])}`,
    () =>
      `builtins.storePath "${random.pick(["/nix/store/nope", "/tmp", "/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-x"])}"`,
    () => `builtins.fromJSON ${stringLiteral(gen)}`,
    () =>
      `builtins.fromJSON "${random.pick(["1.0e400", "[1,]", '{\\"a\\":1,\\"a\\":2}', "01", "-", "nul", '\\"\\\\ud800\\"', "[1 2]", "9223372036854775808", "-0", "1e5"])}"`,
  ];
  if (gen.features.convertHash)
    ways.push(() => {
      const { text, algorithm } = damagedHash(gen);
      return `builtins.convertHash { hash = "${text}"; hashAlgo = "${algorithm}"; toHashFormat = "${random.pick(["sri", "nix32", "base16", "base64", "hex"])}"; }`;
    });
  if (gen.features.addDrvOutputDependencies)
    ways.push(
      () =>
        `builtins.addDrvOutputDependencies ${random.pick([`${drv()}.outPath`, `${drv()}.drvPath`, '"x"'])}`,
    );
  return gen.choose(ways);
}
