/** Faults of expressions, as each of the commands that evaluate meets them. */
import { before, describe, test } from "node:test";
import { type Fault, fails, plainStore } from "./bad-input-world.ts";
import { project, write } from "./world.ts";

const { env } = plainStore();

/** Each in a file of its own; `^` is where the error points to. */
const FAULTS: readonly (Pick<Fault, "says" | "hasHint"> & {
  readonly what: string;
  readonly text: string;
  readonly error: string;
  readonly at: string;
})[] = [
  {
    ...{ what: "a list that is never closed", text: "{\n  a = [ 1 2;\n}", error: "syntax-error", at: "2:12" },
    says: /unexpected ';'[\s\S]* hint: the `\[` at .*:2:7 is not closed before this/,
  },
  {
    ...{ what: "a semicolon less", text: "{ a = 1\n  b = 2; }", error: "syntax-error", at: "2:5" },
    says: /expecting ';'[\s\S]* hint: a `;` is missing before the name/,
  },
  {
    ...{ what: "an unknown variable", text: "{ pkgs }: pkg.hello", error: "undefined-variable", at: "1:11" },
    says: /undefined variable 'pkg'[\s\S]* hint: did you mean `pkgs`\?/,
  },
  {
    ...{
      what: "a value that needs itself",
      text: "let a = b; b = a; in a",
      error: "infinite-recursion",
      at: "1:16",
    },
    says: /needed to compute itself/,
  },
  {
    ...{
      what: "a call without end",
      text: "let f = n: 1 + f n; in f 0",
      error: "stack-overflow",
      at: "1:16",
    },
    says: /may call itself without end/,
  },
  {
    ...{
      what: "numbers and words",
      text: 'rec { n = "1"; drvPath = 1 + n; }.drvPath',
      error: "type-error",
      at: "1:28",
    },
    ...{ says: /cannot add a string to an integer/, hasHint: false },
  },
  {
    ...{ what: "an attribute that is no text", text: drv("f = x: x;"), error: "type-error", at: "1:1" },
    ...{
      says: /cannot coerce a function to a string[\s\S]*attribute 'f' of derivation 'x' at \S+:2:1$/m,
      hasHint: false,
    },
  },
  {
    ...{
      what: "a hash that is none",
      text: drv('outputHash = "sha256-AAAA";'),
      error: "invalid-value",
      at: "1:1",
    },
    ...{ says: /invalid SRI hash 'AAAA'[\s\S]*derivation of this name at \S+:1:15$/m, hasHint: false },
  },
];

function drv(attribute: string): string {
  return `(derivation { name = "x"; system = "x"; builder = "x";\n${attribute} }).drvPath`;
}

/** The other commands, in turn. */
const OTHERS: readonly [
  (file: string) => Pick<Fault, "args" | "as">,
  ...((file: string) => Pick<Fault, "args" | "as">)[],
] = [
  (file) => ({ args: ["build", "-f", file] }),
  (file) => ({ args: [file], as: "nix-build" }),
  (file) => ({ args: [file, "--run", "true"], as: "nix-shell" }),
  (file) => ({ args: ["--eval", file], as: "nix-instantiate" }),
  (file) => ({ args: ["run", "-f", file, "--", "true"] }),
];

describe("faults of expressions", () => {
  const cwd = project();
  for (const [index, { what, text, at, ...fault }] of FAULTS.entries()) {
    const file = `fault-${index}.nix`;
    before(() => write(cwd, { [file]: text }));
    test(what, async () => {
      const says = new RegExp(`╭─ ${file}:${at}$`, "m");
      await fails({ ...fault, args: ["eval", "-f", file], cwd, env });
      await fails({ ...fault, ...(OTHERS[index] ?? OTHERS[0])(file), says, cwd, env });
    });
  }
});
