import assert from "node:assert/strict";
import { test } from "node:test";
import { findAptLogin, parseAptAuth } from "./auth.ts";

// The cases of apt_auth.conf(5), section EXAMPLE.
const url = new URL("https://example.org/debian");

const applies: readonly string[] = [
  "machine example.org login apt password debian",
  "machine example.org\nlogin apt\npassword debian\n",
  "machine example.org/deb login apt password debian",
  "machine example.org/debian login apt password debian",
  "machine https://example.org login apt password debian",
  "# machine other.invalid\nmachine example.org:443/debian login apt password debian",
];

const appliesNot: readonly string[] = [
  "machine example.org:444 login apt password debian",
  "machine example.org/deb/ login apt password debian",
  "machine example.org/ubuntu login apt password debian",
  "machine example.orga login apt password debian",
  "machine example.net login apt password debian",
  "machine http://example.org login apt password debian",
];

for (const text of applies)
  test(`login applies: ${JSON.stringify(text)}`, () => {
    assert.equal(findAptLogin(parseAptAuth(text), url), "apt:debian");
  });

for (const text of appliesNot)
  test(`login does not apply: ${text}`, () => {
    assert.equal(findAptLogin(parseAptAuth(text), url), undefined);
  });

test("a login without a protocol is not sent in the clear", () => {
  const logins = parseAptAuth("machine example.org login apt password debian");
  assert.equal(findAptLogin(logins, new URL("http://example.org/debian")), undefined);
});
