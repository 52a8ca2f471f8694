import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Option, readCommandLine } from "./arguments.ts";

const options: readonly Option[] = [
  { names: ["--keep-going", "-k"], help: "", setting: "keep-going" },
  { names: ["--max-jobs", "-j"], values: ["N"], help: "", setting: "max-jobs" },
  { names: ["--query", "-q"], help: "" },
  { names: ["--requisites", "-R"], help: "" },
  { names: ["--arg"], values: ["NAME", "EXPR"], help: "" },
  { names: ["--command", "-c"], values: ["COMMAND"], takesRest: true, help: "" },
  { names: ["--impure"], setting: "pure-eval", settingValue: "false", help: "" },
];
const read = (...args: string[]) => readCommandLine(args, { options });

describe("short options", () => {
  test("can be written together", () => {
    const line = read("-qR", "/x");
    assert.ok(line.has("--query") && line.has("--requisites"));
    assert.deepEqual(line.positionals, ["/x"]);
  });
  test("the value of the last may follow at once", () => {
    assert.equal(read("-j4").value("--max-jobs"), "4");
    assert.equal(read("-kj4").value("--max-jobs"), "4");
    assert.equal(read("-kj", "4").value("--max-jobs"), "4");
  });
  test("of which one is unknown are an error", () => {
    assert.throws(() => read("-qX"), { code: "option-unknown" });
    assert.throws(() => read("-X"), { code: "option-unknown" });
  });
});

test("an option can take all that follows", () => {
  const line = read("a", "-c", "bash", "-k", "--arg");
  assert.deepEqual(line.all("--command"), [["bash", "-k", "--arg"]]);
  assert.deepEqual(line.positionals, ["a"]);
  assert.throws(() => read("-c"), { code: "option-value" });
});

test("options that are settings say so", () => {
  assert.deepEqual(read("-k", "--impure", "-j", "2").settings(), [
    { name: "keep-going", value: "true" },
    { name: "pure-eval", value: "false" },
    { name: "max-jobs", value: "2" },
  ]);
});

test("each occurrence is there, in order", () => {
  assert.deepEqual(read("--arg", "a", "1", "--arg", "b", "2").all("--arg"), [
    ["a", "1"],
    ["b", "2"],
  ]);
});
