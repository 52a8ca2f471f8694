import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { rootCertificates } from "node:tls";
import { temporaryDirectory } from "../debs-for-tests.ts";
import { encodeKeyStore } from "./java.ts";

const skip =
  spawnSync("keytool", ["-help"]).status === 0
    ? false
    : "the judge `keytool` is missing: install openjdk-17-jre-headless";

const certificates = rootCertificates.slice(0, 20).map((pem, index) => ({
  alias: Buffer.from(`debian:főtanúsítvány_${index}.pem`).toString("latin1"),
  der: new X509Certificate(pem).raw,
}));

test("a key store has its header, every certificate and a digest", () => {
  const bytes = encodeKeyStore(certificates);
  assert.equal(bytes.readUInt32BE(0), 0xfeedfeed);
  assert.equal(bytes.readUInt32BE(8), certificates.length);
  for (const { der } of certificates) assert.ok(bytes.includes(der));
  assert.deepEqual(bytes, encodeKeyStore(certificates));
});

test("keytool reads what was written", { skip }, (t) => {
  const file = `${temporaryDirectory(t)}/cacerts`;
  writeFileSync(file, encodeKeyStore(certificates));
  const run = spawnSync("keytool", ["-list", "-keystore", file, "-storepass", "changeit"], {
    encoding: "utf8",
  });
  assert.equal(run.status, 0, run.stderr + run.stdout);
  assert.equal(run.stdout.match(/trustedCertEntry/g)?.length, certificates.length);
});
