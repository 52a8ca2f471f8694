import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopseError } from "#base";
import { damage, fuzzRuns, Random } from "#format/testing";
import { parseNixConf } from "./nix-conf.ts";

const WORD = "abcXYZ019-_=./:";
const none = { name: "/etc/nix/nix.conf", readFile: () => undefined };

test("what is written is read, whatever the blanks and comments", () => {
  const random = new Random(31);
  const blank = () => random.pick([" ", "\t", "  ", " \t "]);
  for (let round = 0; round < 300; round++) {
    const assignments = random.list(random.below(6), () => ({
      name: `a${random.text(random.below(9), WORD)}`,
      value: random.list(random.below(4), () => random.text(1 + random.below(9), WORD)).join(" "),
    }));
    const lines = assignments.flatMap(({ name, value }) => [
      random.pick(["", "# a comment", "   "]),
      `${random.pick(["", " "])}${name}${blank()}=${blank()}${value.replaceAll(" ", blank)}${random.pick(["", " # x", "\r"])}`,
    ]);
    assert.deepEqual(parseNixConf(lines.join("\n"), none), assignments, `round ${round}`);
  }
});

test("damage is read or refused with the file's name", () => {
  const random = new Random(32);
  const text = "cores = 2 # two\n!include other.conf\ninclude more.conf\nextra-sandbox-paths = /a /b\n";
  const readFile = (path: string) => (path === "/etc/nix/more.conf" ? "include nix.conf" : undefined);
  for (let round = 0; round < fuzzRuns(400); round++) {
    const damaged = damage(random, Buffer.from(text)).toString("latin1");
    try {
      parseNixConf(damaged, { name: "/etc/nix/nix.conf", readFile });
    } catch (error) {
      assert.ok(isCopseError(error) && error.code.startsWith("nix-conf-"), `round ${round}: ${error}`);
      assert.match(error.message, /\/etc\/nix/);
    }
  }
});
