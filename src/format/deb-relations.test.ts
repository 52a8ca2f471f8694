import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDebRelations, satisfiesDebConstraint } from "./deb-relations.ts";

test("a field is read with all its parts", () => {
  const field =
    "a, b (>= 1.2-3) | c:any,\n d (<<2~) [amd64 !i386] <!nocheck> <stage1 cross>, e [ linux-any ] , f(= 1:0), libstdc++6";
  assert.deepEqual(parseDebRelations(field), [
    [{ name: "a" }],
    [
      { name: "b", version: { operator: ">=", version: "1.2-3" } },
      { name: "c", qualifier: "any" },
    ],
    [
      {
        name: "d",
        version: { operator: "<<", version: "2~" },
        architectures: [
          { name: "amd64", negated: false },
          { name: "i386", negated: true },
        ],
        profiles: [
          [{ name: "nocheck", negated: true }],
          [
            { name: "stage1", negated: false },
            { name: "cross", negated: false },
          ],
        ],
      },
    ],
    [{ name: "e", architectures: [{ name: "linux-any", negated: false }] }],
    [{ name: "f", version: { operator: "=", version: "1:0" } }],
    [{ name: "libstdc++6" }],
  ]);
});

test("the old operators include equality", () => {
  assert.equal(parseDebRelations("a (< 1)")[0]?.[0]?.version?.operator, "<=");
  assert.equal(parseDebRelations("a (> 1)")[0]?.[0]?.version?.operator, ">=");
});

test("nothing between commas is passed over", () => {
  for (const field of ["a,", "a, ", ",a", "a,,", " a\n"])
    assert.deepEqual(parseDebRelations(field), [[{ name: "a" }]], field);
  for (const field of ["", " ", ",", "\n"]) assert.deepEqual(parseDebRelations(field), [], field);
});

test("what is not a relation is refused", () => {
  const refused = [
    "a b",
    "a |",
    "| a",
    "a || b",
    "a | , b",
    "a (1)",
    "a (>= )",
    "a (>= 1",
    "a >= 1",
    "a [amd64",
    "a <x",
    "-a",
    "$x",
    "a (>= 1) (<< 2)",
    "a:",
    "a (=> 1)",
    "ä",
  ];
  for (const field of refused)
    assert.throws(() => parseDebRelations(field), { code: "deb-relation-invalid" }, field);
});

test("long hostile input takes linear time", () => {
  for (const text of [" ", "(", "a", "a (>= 1", "<", "a<", "[", "a [", ","]) {
    const field = `x${text.repeat(100_000)}!`;
    assert.throws(() => parseDebRelations(field), { code: "deb-relation-invalid" });
  }
});

test("constraints are met or not", () => {
  const met = (version: string, relation: string) =>
    satisfiesDebConstraint(version, parseDebRelations(`a (${relation})`)[0]![0]!.version!);
  for (const [version, relation] of [
    ["1", "<< 2"],
    ["1", "<= 1"],
    ["1", "= 0:1"],
    ["1", ">= 1~"],
    ["1", ">> 1~"],
  ] as const) {
    assert.ok(met(version, relation), `${version} ${relation}`);
  }
  for (const [version, relation] of [
    ["1", "<< 1"],
    ["2", "<= 1"],
    ["1", "= 1:1"],
    ["1", ">= 1+"],
    ["1", ">> 1"],
  ] as const) {
    assert.ok(!met(version, relation), `${version} ${relation}`);
  }
});
