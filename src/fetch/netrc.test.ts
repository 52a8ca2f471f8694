import assert from "node:assert/strict";
import { test } from "node:test";
import { netrcLogin, parseNetrc } from "./netrc.ts";

test("logins by host, and for all others", () => {
  const entries = parseNetrc(`
    # machine commented.example login no password no
    machine One.example login me password "with \\"quotes\\" and blanks"
    machine two.example
      password first
      login second
    default login anyone password any
  `);
  assert.equal(netrcLogin(entries, "one.example"), 'me:with "quotes" and blanks');
  assert.equal(netrcLogin(entries, "two.example"), "second:first");
  assert.equal(netrcLogin(entries, "three.example"), "anyone:any");
  assert.equal(netrcLogin(parseNetrc("machine a login b password c"), "other"), undefined);
});

test("what breaks off says nothing", () => {
  for (const text of ["machine", "machine a login", "login x", "", "macdef init"]) {
    assert.ok(!netrcLogin(parseNetrc(text), "host")?.includes("undefined"), text);
  }
});
