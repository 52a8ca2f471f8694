/**
 * The functional tests that a Nix checkout has. Its meson.build files are the one list of them: not every shell script
 * beside them is a test, and a test's suite decides the folder that it runs in.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface FunctionalTest {
  /** `gc` in the main suite, `ca/build` in others: what people type and lists hold. */
  readonly id: string;
  readonly suite: string;
  readonly name: string;
  /** Below tests/functional; the test's working folder. */
  readonly folder: string;
}

// The tests of these link against Nix's C++ libraries.
const NEEDS_CXX = new Set(["plugins", "test-libstoreconsumer"]);

export function listTests(checkout: string): FunctionalTest[] {
  const functional = join(checkout, "tests/functional");
  const folders = [
    "",
    ...readdirSync(functional, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name),
  ];
  return folders
    .filter((folder) => !NEEDS_CXX.has(folder) && existsSync(join(functional, folder, "meson.build")))
    .flatMap((folder) => testsOf(readFileSync(join(functional, folder, "meson.build"), "utf8"), folder));
}

/** The first suite that a file declares; any further one needs C++ libraries. */
function testsOf(meson: string, folder: string): FunctionalTest[] {
  const suite = /'name'\s*:\s*'([^']+)'/.exec(meson)?.[1];
  const list = /'tests'\s*:\s*\[([^\]]*)\]/.exec(meson)?.[1];
  if (suite === undefined || list === undefined) return [];
  return Array.from(list.matchAll(/'([^']+)\.sh'/g), ([, name]) => ({
    id: folder === "" ? name! : `${folder}/${name}`,
    suite,
    name: name!,
    folder,
  }));
}

/** By id, with or without `.sh`; `ca/` is a whole folder. All tests if no name is given. */
export function selectTests(tests: readonly FunctionalTest[], names: readonly string[]): FunctionalTest[] {
  if (names.length === 0) return [...tests];
  const wanted = names.map((name) => name.replace(/^main\//, "").replace(/\.sh$/, ""));
  return tests.filter(({ id }) =>
    wanted.some((name) => (name.endsWith("/") ? id.startsWith(name) : id === name)),
  );
}
