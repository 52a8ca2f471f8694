import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { createEvaluator } from "../evaluator.ts";
import { Attrs, force, printAmbiguous } from "../runtime/mod.ts";
import { builtinTable, defineConstants, defineFunctions } from "./mod.ts";
import { cppNixVersion, findCppNix, NIX_ENVIRONMENT } from "./testing/cases.ts";
import { createReadOnlyHost } from "./testing/read-only-host.ts";

/** `builtins.attrNames builtins` of C++ Nix 2.34.8 with default features, but for what is global as it is. */
const UNDERSCORED = (
  "add addDrvOutputDependencies addErrorContext all any appendContext attrNames attrValues bitAnd bitOr bitXor " +
  "catAttrs ceil compareVersions concatLists concatMap concatStringsSep convertHash currentSystem currentTime " +
  "deepSeq div elem elemAt fetchurl filter filterSource findFile flakeRefToString floor foldl' fromJSON " +
  "functionArgs genList genericClosure getAttr getContext getEnv getFlake groupBy hasAttr hasContext hashFile " +
  "hashString head intersectAttrs isAttrs isBool isFloat isFunction isInt isList isPath isString langVersion " +
  "length lessThan listToAttrs mapAttrs match mul nixPath nixVersion parseDrvName parseFlakeRef partition path " +
  "pathExists readDir readFile readFileType replaceStrings seq sort split splitVersion storeDir storePath " +
  "stringLength sub substring tail toFile toJSON toPath toXML trace traceVerbose tryEval typeOf " +
  "unsafeDiscardOutputDependency unsafeDiscardStringContext unsafeGetAttrPos warn zipAttrsWith"
).split(" ");
/** Found in C++ Nix 2.34.8 by trying each name. */
const PLAIN = (
  "abort baseNameOf break builtins derivation derivationStrict dirOf false fetchGit fetchMercurial fetchTarball " +
  "fromTOML import isNull map null placeholder removeAttrs scopedImport throw toString true"
).split(" ");
/** C++ Nix has it when its feature `fetch-tree` or `flakes` is on. */
const BEYOND_DEFAULT = ["fetchTree"];

function builtinsOf(builtins = builtinTable): Attrs {
  return createEvaluator({ host: createReadOnlyHost(), builtins }).builtins;
}

test("the builtins are those of C++ Nix", () => {
  const expected = [...UNDERSCORED, ...PLAIN, ...BEYOND_DEFAULT].sort();
  assert.deepEqual(builtinsOf().names(), expected);
});

test("the global names are those of C++ Nix", () => {
  const evaluator = createEvaluator({ host: createReadOnlyHost(), builtins: builtinTable });
  const isGlobal = (name: string) => {
    try {
      evaluator.evalText(`x: ${name}`, { baseDir: "/" });
      return true;
    } catch {
      return false;
    }
  };
  for (const name of PLAIN) assert.ok(isGlobal(name) && !isGlobal(`__${name}`), name);
  for (const name of UNDERSCORED) assert.ok(isGlobal(`__${name}`) && !isGlobal(name), name);
});

const nix = findCppNix();
test("every builtin of the C++ Nix at hand is there", {
  skip: nix === undefined && "no C++ Nix: install nix-bin or set COPSE_CPP_NIX",
}, () => {
  const out = execFileSync(
    `${nix}nix-instantiate`,
    ["--eval", "--strict", "--json", "-E", "builtins.attrNames builtins"],
    {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], ...NIX_ENVIRONMENT },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  // Nix 2.8 gave its flake registry's setting away as a builtin; later versions do not.
  const missing = (JSON.parse(out) as string[]).filter((name) => !builtinsOf().has(name));
  assert.deepEqual(missing, [], cppNixVersion(nix ?? ""));
});

test("every builtin is documented and names its arguments", () => {
  for (const builtin of builtinTable) {
    const doc = builtin.kind === "function" ? builtin.definition.doc : builtin.doc;
    assert.ok(doc && doc.length > 10 && doc.endsWith("."), builtin.name);
    if (builtin.kind === "function") {
      assert.equal(builtin.definition.args?.length, builtin.definition.arity, builtin.name);
    }
  }
});

test("more builtins can be registered", () => {
  const [twice] = defineFunctions({
    twice: { args: ["n"], doc: "Twice a number.", run: (_, n) => (force(n) as number) * 2 },
  });
  assert.ok(twice);
  const extra = defineConstants({ copse: { doc: "A set.", value: () => Attrs.fromEntries([["x", 1]]) } });
  const evaluator = createEvaluator({
    host: createReadOnlyHost(),
    builtins: [...builtinTable, ...extra, twice],
  });
  const value = evaluator.evalText("[ builtins.copse.x (builtins.twice 4) (__twice 2) ]", { baseDir: "/" });
  assert.equal(printAmbiguous(evaluator.forceDeep(value)), "[ 1 8 4 ]");
});

test("pure evaluation has no time and no system", () => {
  const evaluator = createEvaluator({
    host: createReadOnlyHost(),
    builtins: builtinTable,
    settings: { pureEval: true },
  });
  const value = evaluator.evalText(
    '[ (builtins ? currentTime) (builtins ? currentSystem) (builtins.getEnv "COPSE_TEST") ]',
    { baseDir: "/" },
  );
  assert.equal(printAmbiguous(evaluator.forceDeep(value)), '[ false false "" ]');
});

test("what trace and warn say reaches the host", () => {
  const host = createReadOnlyHost();
  const evaluator = createEvaluator({ host, builtins: builtinTable });
  const value = evaluator.evalText(
    'builtins.trace "a" (builtins.warn "b" (builtins.trace { x = 1; y = [ true ]; } 1))',
    {
      baseDir: "/",
    },
  );
  evaluator.force(value);
  assert.deepEqual(
    host.messages.map(({ level, text }) => `${level}: ${text}`),
    ["trace: a", "warning: b", "trace: { x = 1; y = [ true ]; }"],
  );
});
