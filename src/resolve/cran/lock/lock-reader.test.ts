import assert from "node:assert/strict";
import { test } from "node:test";
import { CopseError, isCopseError } from "#base";
import { parseRVersion } from "#format/r";
import { damage, fuzzRuns, Random } from "#format/testing";
import { parseLock } from "../../lock-reader.ts";
import { formatLock } from "../../lock-writer.ts";
import { RAnswers } from "./answers.ts";
import type { LockedRPackage, LockedRSource } from "./lock-schema.ts";

const source = (name: string, version = "1.0"): LockedRSource => ({
  kind: "source",
  ...{ name, version: parseRVersion(version), repository: "CRAN", size: 10, sha256: "cd".repeat(32) },
  file: `src/contrib/${name}_${version}.tar.gz`,
  demands: ["R (>= 3.6)", "Rcpp (>= 1.0)"],
  compiled: name === "mine",
});
const binary: LockedRPackage = {
  kind: "debian",
  name: "Rcpp",
  version: parseRVersion("1.0.10"),
  debian: "r-cran-rcpp",
};

function good(): string {
  const answers = new RAnswers();
  const version = parseRVersion("4.2.2");
  const section = "bookworm amd64";
  answers.record({ section, demands: ["mine"] }, { version, packages: [binary, source("mine")] });
  answers.record(
    { section, demands: ["other"] },
    { version, packages: [binary, source("mine", "2.0"), source("other")] },
  );
  return formatLock({ debian: new Map(), python: new Map(), r: answers.data });
}

test("what is written is read as the same, one package a line", () => {
  const text = good();
  assert.equal(formatLock(parseLock("copse.lock", text)), text);
  assert.equal(text.split("\n").filter((line) => line.includes('"name"')).length, 4);
  assert.match(text, /"answer":\["r-cran-rcpp","mine=2.0","other"\]/);
});

for (const [what, from, to, at] of [
  ["a path out of the repository", "src/contrib/mine_1", "src/contrib/../mine_1", '"src/contrib/..'],
  ["a path elsewhere", "src/contrib/mine_1", "etc/mine_1", '"etc'],
  ["a short hash", /"sha256":"cd/, '"sha256":"', '"cd'],
  ["a size that is text", '"size":10', '"size":"10"', '"10"'],
  ["a repository that is an address", '"repository":"CRAN"', '"repository":"http://x.invalid"', '"http'],
  ["a name that is none", '"name":"other"', '"name":"../other"', '"../other'],
  ["a version that is none", '"version":"2.0"', '"version":"two"', '"two"'],
  ["a demand that is none", "R (>= 3.6)", "R (~ 3.6)", '"R (~'],
  ["a package of Debian's that is none of R's", "r-cran-rcpp", "bash", '"bash"'],
  ["an answer that is not there", '["r-cran-rcpp","mine=1.0"]', '["r-cran-rcpp","gone"]', '"gone"'],
  ["a package twice", '"version":"2.0"', '"version":"1.0"', '{"name":"mine"'],
  ["a field of a newer copse", '"compiled":true', '"compiled":true,"new":1', "1"],
  ["`compiled` that is false", '"compiled":true', '"compiled":false', "false"],
] as const)
  test(`a section with ${what} is refused where it is`, () => {
    const text = good().replace(from, to);
    assert.notEqual(text, good());
    assert.throws(
      () => parseLock("copse.lock", text),
      (error) => {
        assert.ok(error instanceof CopseError && error.code === "lock-invalid" && error.span, String(error));
        const shown = error.span.source.text.slice(error.span.start, error.span.start + 40);
        assert.ok(shown.startsWith(at), shown);
        return true;
      },
    );
  });

test("random damage never passes for another error", () => {
  const random = new Random(13);
  const valid = Buffer.from(good());
  for (let run = 0; run < fuzzRuns(500); run++)
    try {
      parseLock("copse.lock", damage(random, valid).toString("utf8"));
    } catch (error) {
      assert.ok(
        isCopseError(error, "lock-invalid") || isCopseError(error, "lock-version"),
        `${run}: ${String(error)}`,
      );
    }
});

test("pruning drops what was not asked for, another R all that was built for the one before", () => {
  const answers = new RAnswers();
  answers.reset(parseLock("copse.lock", good()).r ?? new Map());
  answers.answer({ section: "bookworm amd64", demands: ["mine"] });
  answers.prune();
  assert.deepEqual(
    answers.section("bookworm amd64")?.packages.map(({ name }) => name),
    ["Rcpp", "mine"],
  );
  const version = parseRVersion("4.5.0");
  answers.record({ section: "bookworm amd64", demands: ["other"] }, { version, packages: [source("other")] });
  assert.equal(answers.answer({ section: "bookworm amd64", demands: ["mine"] }), undefined);
});
