import assert from "node:assert/strict";
import { test } from "node:test";
import { adoptStoreDir } from "./store-dir-of-call.ts";

const cases: readonly [args: readonly string[], env: Record<string, string>, expected: string | undefined][] =
  [
    [["--store", "dummy://?store=/foo"], {}, "/foo"],
    [["eval", "--store=local?root=/r&store=/foo%2Bbar"], { NIX_STORE_DIR: "/old" }, "/foo+bar"],
    [["--option", "store", "local?store=/a+b"], {}, "/a+b"],
    [["--store", "local?store=/a", "--store", "local?store=/b"], {}, "/b"],
    [["--store", "local?root=/r"], { NIX_STORE_DIR: "/old" }, "/old"],
    [[], { NIX_REMOTE: "local?store=/remote" }, "/remote"],
    [[], { NIX_REMOTE: "local?store=/remote", COPSE_STORE: "/mine" }, undefined],
    [["--store"], {}, undefined],
  ];

test("the URI of a store says which directory its paths begin with", () => {
  for (const [args, env, expected] of cases) {
    const changed = { ...env };
    adoptStoreDir(args, changed);
    assert.equal(changed["NIX_STORE_DIR"], expected, JSON.stringify([args, env]));
  }
});
