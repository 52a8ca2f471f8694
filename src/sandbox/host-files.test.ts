import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { withHostFiles } from "./host-files.ts";

const view = mkdtempSync(join(tmpdir(), "copse-view-"));
after(() => rmSync(view, { recursive: true }));

test("certificates in the host's own directories are found where the host's root is", () => {
  const env = {
    SSL_CERT_FILE: "/usr/bin/env",
    CURL_CA_BUNDLE: "/usr/bin/../bin/env",
    PIP_CERT: "/usr/no/such",
    GIT_SSL_CAINFO: "relative",
    SSL_CERT_DIR: view,
    OTHER: "/usr/bin/env",
  };
  const real = `/.copse/host${realpathSync("/usr/bin/env")}`;
  assert.deepEqual(withHostFiles(env, view), { ...env, SSL_CERT_FILE: real, CURL_CA_BUNDLE: real });
});

test("time zones are the root's if it has any", {
  skip: !existsSync("/usr/share/zoneinfo") && "no time zones",
}, () => {
  const zones = { TZDIR: "/.copse/host/usr/share/zoneinfo" };
  assert.deepEqual(withHostFiles({ TZ: "Asia/Tokyo" }, view), { TZ: "Asia/Tokyo", ...zones });
  assert.deepEqual(withHostFiles({ TZ: "Asia/Tokyo", TZDIR: "/x" }, view), { TZ: "Asia/Tokyo", TZDIR: "/x" });
  assert.deepEqual(withHostFiles({}, view), {});
  mkdirSync(join(view, "usr/share/zoneinfo"), { recursive: true });
  assert.deepEqual(withHostFiles({ TZ: "Asia/Tokyo" }, view), { TZ: "Asia/Tokyo" });
});
