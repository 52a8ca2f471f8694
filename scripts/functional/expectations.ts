/**
 * The list of what is expected: `TEST pass`, or `TEST` and the reason why it does not pass, one a line; `#` begins a
 * comment. A test that is not listed is expected nothing of.
 */
import { existsSync, readFileSync } from "node:fs";
import type { Outcome } from "./run-test.ts";

export type Expectations = ReadonlyMap<string, string>;

export function parseExpectations(file: string): Expectations {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const [id, ...rest] = line.split(/\s+/);
      return [id!, rest.join(" ")];
    }),
  );
}

/** `news`: it passes although the list gives a reason why it would not, so the list is out of date. */
export function verdictOf(
  expectations: Expectations,
  id: string,
  kind: Outcome["kind"],
): "expected" | "regression" | "news" | "unlisted" {
  const expected = expectations.get(id);
  if (expected === undefined) return kind === "pass" ? "news" : "unlisted";
  if (expected === "pass") return kind === "pass" ? "expected" : "regression";
  return kind === "pass" ? "news" : "expected";
}
