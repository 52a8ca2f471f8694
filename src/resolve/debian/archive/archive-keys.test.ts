import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { loadAptConfiguration } from "#fetch";
import { archiveKeyNames } from "./archive-keys.ts";
import { archiveKeyrings, openKeyring } from "./keyring.ts";

const apt = loadAptConfiguration({ root: "/nonexistent", env: {} });

test("Debian's keys are the pinned ones, all of them", async () => {
  const { keys } = await openKeyring(apt, { signedBy: [], withDebianKeys: true });
  assert.deepEqual(
    keys.map((key) => key.getFingerprint().toUpperCase()).sort(),
    [...archiveKeyNames.keys()].sort(),
  );
  for (const key of keys) {
    const name = archiveKeyNames.get(key.getFingerprint().toUpperCase()) ?? "";
    const [user = ""] = key.getUserIDs();
    assert.ok(user.includes(name), `${user} is not ${name}`);
  }
});

const installed = archiveKeyrings.find((path) => existsSync(path));

test("Debian's own package has the same keys", {
  skip: installed === undefined && "debian-archive-keyring is not installed",
}, async () => {
  const here = loadAptConfiguration({ env: {} });
  const signedBy = [{ kind: "keyring", path: installed as string } as const];
  const { keys } = await openKeyring(here, { signedBy });
  const theirs = new Map(keys.map((key) => [key.getFingerprint().toUpperCase(), key.getUserIDs()[0] ?? ""]));
  for (const [fingerprint, name] of archiveKeyNames) {
    // An older or newer package lacks the keys of suites that it does not know.
    const user = theirs.get(fingerprint);
    if (user !== undefined) assert.ok(user.includes(name), `${fingerprint} is ${user} for Debian`);
  }
  assert.ok(
    [...theirs.keys()].some((fingerprint) => archiveKeyNames.has(fingerprint)),
    "Debian has none of the pinned keys",
  );
});
