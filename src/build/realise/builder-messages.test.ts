import assert from "node:assert/strict";
import { test } from "node:test";
import { readBuilderMessage } from "./builder-messages.ts";

test("what a builder says to the one who runs it is told from what it prints", () => {
  assert.equal(readBuilderMessage("checking for gcc... yes"), undefined);
  assert.equal(readBuilderMessage("@nixos is a name"), undefined);
  assert.deepEqual(readBuilderMessage('@nix {"action":"setPhase","phase":"buildPhase"}'), {
    isHandled: true,
  });
  assert.deepEqual(readBuilderMessage('@nix {"action":"msg","level":1,"msg":"hello"}'), {
    isHandled: true,
    message: { level: "note", text: "hello" },
  });
  assert.equal(readBuilderMessage('@nix {"action":"msg","level":5,"msg":"x"}')?.message?.level, "chatty");
});

test("what cannot be understood is complained of, and stays visible", () => {
  for (const text of ["1", "{}", '{"action": null}', '{"action": 123}', '["action"]', '{"action":"msg"}']) {
    const { isHandled, message } = readBuilderMessage(`@nix ${text}`)!;
    assert.equal(isHandled, false, text);
    assert.match(message!.text, /^Unable to handle a JSON message from the derivation builder: /, text);
  }
  assert.match(
    readBuilderMessage("@nix ][")!.message!.text,
    /^bad JSON log message from the derivation builder: /,
  );
});
