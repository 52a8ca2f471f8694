import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLegacyRequirement, parseLegacySpecifiers } from "./legacy-requirement.ts";
import { formatRequirement, parseRequirement } from "./requirement.ts";

const MENDED = {
  "a2>=7.2.0<8.0.0": "a2<8.0.0,>=7.2.0",
  "a >=1 <2": "a<2,>=1",
  "a>=1,,<2": "a<2,>=1",
  "a ,>=1": "a>=1",
  "a (>=1.0": "a>=1.0",
  "a >=1.0)": "a>=1.0",
  "a (>=1.0 ; os_name == 'x'": 'a>=1.0 ; os_name == "x"',
  'a>="1.0"': "a>=1.0",
  "a>= 2.7' ; os_name == 'x'": 'a>=2.7 ; os_name == "x"',
  "a>=2.*": "a>=2",
  "a>2.*,<3.*": "a<3,>2",
  "a[x] (<=1.2.*)": "a[x]<=1.2",
  "a>=1.3.x": "a>=1.3",
  "a==2.x": "a==2.*",
  "a!=3.0*": "a!=3.0.*",
  "a==1.*.": "a==1.*",
  "a!=~5.0,>=4.12": "a!=5.0.*,>=4.12",
  "a>=1.0.": "a>=1.0",
  "a>=9.0.0a1.0": "a>=9.0.0a1",
  "a>=1.8.0+cu111": "a>=1.8.0",
  "a>dev": "a>0.0.0dev",
  "a>=1;": "a>=1",
  "a ; ": "a",
};

test("malformed requirements are mended", () => {
  for (const [text, formatted] of Object.entries(MENDED)) {
    assert.throws(() => parseRequirement(text), text);
    assert.equal(formatRequirement(parseLegacyRequirement(text)), formatted, text);
  }
});

test("what is well-formed stays as it is", () => {
  for (const text of ["a===1.0.x", "a!=1.0+x,>=1", 'a ; os_name == "a>=1<2"', "a @ file:///x>=1<2"])
    assert.deepEqual(
      formatRequirement(parseLegacyRequirement(text)),
      formatRequirement(parseRequirement(text)),
    );
});

test("what cannot be mended is refused with the error of the strict reading", () => {
  for (const text of [
    "",
    "a=1",
    "a=>1",
    "a>=x",
    "a b",
    "a>=1 foo",
    "a~=1",
    "a^1",
    "a; os_name",
    "a @ x y",
    "a[b",
  ]) {
    let strict: unknown;
    try {
      parseRequirement(text);
    } catch (error) {
      strict = error;
    }
    assert.throws(() => parseLegacyRequirement(text), { message: (strict as Error).message }, text);
  }
});

test("specifiers alone are mended the same", () => {
  assert.equal(`${parseLegacySpecifiers(">=2.7,!=3.0*,!=3.1.*,<4.*")}`, "!=3.0.*,!=3.1.*,<4,>=2.7");
  assert.equal(`${parseLegacySpecifiers(">=3.6,")}`, ">=3.6");
  assert.throws(() => parseLegacySpecifiers("3"), { code: "python-specifier-invalid" });
});
