import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { damage, fuzzRuns, Random } from "#format/testing";
import { findPackaging } from "../testing/packaging.ts";
import { randomSpecifiers } from "../testing/random-versions.ts";
import { parseLegacyRequirement } from "./legacy-requirement.ts";
import { normaliseName } from "./name.ts";
import { formatRequirement, parseRequirement } from "./requirement.ts";

const packaging = findPackaging();

test("a requirement is read and written", () => {
  const cases = {
    numpy: "numpy",
    " Foo_Bar [ B , a.b,B ] ( >= 1.2 , <2 ) ;python_version<'3'":
      'foo-bar[a-b,b]<2,>=1.2 ; python_version < "3"',
    "a>=1;os_name=='x'": 'a>=1 ; os_name == "x"',
    "a[] ==1.*": "a==1.*",
    "a @ file:///x;y ; os_name=='x'": 'a @ file:///x;y ; os_name == "x"',
    "a@https://example.org/a.whl#sha256=00": "a @ https://example.org/a.whl#sha256=00",
    "a ()": "a",
    "a===1.0-foo; os_name=='b'": 'a===1.0-foo ; os_name == "b"',
    "a>=1,": "a>=1",
  };
  for (const [text, formatted] of Object.entries(cases)) {
    assert.equal(formatRequirement(parseRequirement(text)), formatted);
    assert.equal(formatRequirement(parseRequirement(formatted)), formatted);
  }
});

test("what is not a requirement is refused", () => {
  for (const text of [
    "",
    "-a",
    "a-",
    "a b",
    "a >=1 <2",
    "a (>=1",
    "a >=1)",
    "a[b",
    "a[b c]",
    "a[b,]",
    "a[,b]",
    "a >=1.*",
    "a <1+x",
    "a =1",
    "a @",
    "a @ x y",
    "a; ",
    "a; foo == 'b'",
    "a==1.0 # comment",
    "./a",
    "https://example.org/a.whl",
  ])
    assert.throws(
      () => parseRequirement(text),
      (error) => isCopseError(error),
      text,
    );
});

test("names are the same whatever stands between their words", () => {
  assert.equal(normaliseName("Zope__Inter.-_Face"), "zope-inter-face");
  for (const text of ["", "-a", "a_", "a b", "\u00e4", "a/b", "../a"])
    assert.throws(() => normaliseName(text), { code: "python-name-invalid" }, text);
});

function randomRequirement(random: Random): string {
  const space = (): string => random.pick(["", "", " ", "\t"]);
  let text = space() + random.pick(["foo", "Foo.Bar", "a", "zope-interface", "x__y", "3to2"]) + space();
  if (random.chance(0.3))
    text += `[${space()}${random.list(random.below(3), () => random.pick(["x", "Y_z", "a.b"])).join(`${space()},${space()}`)}${space()}]${space()}`;
  if (random.chance(0.15))
    text += `@${space()}${random.pick(["https://h/x.whl", "file:///a;b", "git+ssh://x@y/z@1.0"])}${random.pick(["", " "])}`;
  else if (random.chance(0.3)) text += `(${space()}${randomSpecifiers(random)}${space()})`;
  else text += randomSpecifiers(random);
  if (random.chance(0.3))
    text += `${space()};${space()}${random.pick(["os_name == 'a'", 'extra=="x"and os.name<"b"', "(python_version in '3')"])}`;
  if (random.chance(0.8)) return text;
  const at = random.below(text.length + 1);
  return (
    text.slice(0, at) +
    random.text(random.below(3), " ()[],;@<>=!~1a.-*+'") +
    text.slice(at + random.below(2))
  );
}

// packaging takes a name that ends with `_`, which no index can have.
const ENDS_WITH_UNDERSCORE = /_(?![A-Za-z0-9._-]*[A-Za-z0-9])/;

test("packaging reads requirements the same", { skip: packaging.reason }, () => {
  const random = new Random(55);
  const texts = random
    .list(fuzzRuns(3000), () => randomRequirement(random))
    .filter((text) => !text.split(/[[(<>=!~@; ,\]]/).some((word) => ENDS_WITH_UNDERSCORE.test(word)));
  const answers = packaging.ask!("requirement", texts);
  for (const [i, text] of texts.entries()) assert.deepEqual(judged(text), answers[i], JSON.stringify(text));
});

function judged(text: string): unknown {
  try {
    const { name, extras, specifiers, url, marker } = parseRequirement(text);
    return [name, extras, `${specifiers ?? ""}`, url ?? null, marker !== undefined];
  } catch (error) {
    if (isCopseError(error)) return null;
    throw error;
  }
}

test("damaged requirements throw nothing but CopseErrors", () => {
  const random = new Random(56);
  const valid = Buffer.from(
    "a-B[c, d] (>=1.0rc1,!=2.*,~=1.0,===x) ; (os_name == 'x\\x41' or \"1\" < python_version) and extra!='y'",
  );
  parseRequirement(valid.toString());
  for (let run = 0; run < fuzzRuns(2000); run++) {
    const text = damage(random, valid).toString("latin1");
    try {
      formatRequirement(parseLegacyRequirement(text));
    } catch (error) {
      if (!isCopseError(error))
        throw new Error(`Run ${run} threw for ${JSON.stringify(text)}`, { cause: error });
    }
  }
});

test("a requirement with very many clauses is no trouble", () => {
  const clauses = Array.from({ length: 50_000 }, (_, i) => `!=${i}.*`).join(",");
  const { specifiers } = parseRequirement(`a${clauses}`);
  assert.equal(specifiers!.ranges.length, 2);
  assert.throws(() => parseLegacyRequirement(`${"a".repeat(200_000)} @ x y`), {
    code: "python-requirement-invalid",
  });
});
