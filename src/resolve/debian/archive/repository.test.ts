import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { isCopseError } from "#base";
import { MemoryClock } from "#host";
import { openIndexes } from "../index/indexes.ts";
import {
  clearSign,
  FixtureArchive,
  type FixtureKey,
  makeKey,
  makeMachine,
  type SuiteOptions,
} from "../testing/fixture-archive.ts";
import { openRelease } from "./repository.ts";

const key = await makeKey("archive");
const stranger = await makeKey("stranger");
const packages = [{ name: "hello", fields: { Depends: "libc6" } }, { name: "libc6" }];
const suite = { archive: "debian", suite: "bookworm" };
const amd64 = { components: ["main"], architecture: "amd64" };
const dayMs = 86_400_000;

async function setUp(
  t: TestContext,
  options: SuiteOptions & {
    conf?: string;
    sourceOptions?: string;
    signers?: readonly FixtureKey[];
    clock?: MemoryClock;
  } = {},
) {
  const archive = new FixtureArchive();
  await archive.publish(packages, options.signers ?? [key], options);
  const uri = await archive.serve(t);
  const sources = `deb [signed-by=/keys/archive.gpg ${options.sourceOptions ?? ""}] ${uri} ${options.codename ?? "bookworm"} main\n`;
  const machine = makeMachine(t, {
    sources,
    keys: [key],
    conf: options.conf ?? "",
    options: { clock: options.clock },
  });
  return { archive, uri, ...machine };
}

async function refuses(promise: Promise<unknown>, code: string): Promise<Error> {
  const caught = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isCopseError(caught, code), `${String(caught)} is to have the code ${code}`);
  return caught;
}

test("a signed suite is opened, and its index found again without the network", async (t) => {
  const { services, archive } = await setUp(t);
  const opened = await openRelease(services, suite);
  assert.equal(opened.release.version, "12.1");
  const [index] = await openIndexes(services, opened, amd64);
  assert.deepEqual(index?.index.names(), ["hello", "libc6"]);
  const count = archive.requests.length;
  services.opened.clear();
  await openIndexes(services, opened, amd64);
  assert.equal(archive.requests.length, count);
});

test("an index that was tampered with is refused", async (t) => {
  const { services, archive } = await setUp(t);
  const opened = await openRelease(services, suite);
  const path = "dists/bookworm/main/binary-amd64/Packages.gz";
  const bytes = Buffer.from(archive.files.get(path) as Buffer);
  bytes[20] = (bytes[20] as number) ^ 1;
  archive.files.set(path, bytes);
  await refuses(openIndexes(services, opened, amd64), "hash-mismatch");
  archive.files.set(path, bytes.subarray(0, 30));
  await refuses(openIndexes(services, opened, amd64), "download-size");
});

test("a Release that was changed after signing is refused", async (t) => {
  const { services, archive } = await setUp(t);
  const text = archive.files.get("dists/bookworm/InRelease")?.toString() ?? "";
  archive.files.set("dists/bookworm/InRelease", Buffer.from(text.replace("Version: 12.1", "Version: 12.2")));
  await refuses(openRelease(services, suite), "signature-invalid");
});

test("text around the signed message is refused", async (t) => {
  const { services, archive } = await setUp(t);
  const text = archive.files.get("dists/bookworm/InRelease")?.toString() ?? "";
  for (const forged of [
    `Origin: Debian\n\n${text}`,
    `${text}\nOrigin: Debian\n`,
    `${text}\n${text}`,
    "Origin: Debian\nLabel: Debian\n",
  ]) {
    archive.files.set("dists/bookworm/InRelease", Buffer.from(forged));
    await refuses(openRelease(services, suite), "signature-invalid");
  }
});

test("a signature of a key that is not trusted is refused, one of several suffices", async (t) => {
  const { services, archive } = await setUp(t, { signers: [stranger] });
  const error = await refuses(openRelease(services, suite), "signature-untrusted");
  assert.match(error.message, new RegExp(stranger.privateKey.getKeyID().toHex(), "i"));
  await archive.publish(packages, [stranger, key]);
  assert.equal((await openRelease(services, suite)).release.codename, "bookworm");
});

test("an expired key is refused, unless dates are not to be checked", async (t) => {
  const old = await makeKey("old", {
    date: new Date(Date.now() - 10 * dayMs),
    expiresInSeconds: 20 * 86_400,
  });
  const archive = new FixtureArchive();
  await archive.publish(packages, [old]);
  const uri = await archive.serve(t);
  const sources = `deb [signed-by=/keys/archive.gpg] ${uri} bookworm main\n`;
  const inAMonth = () => ({ keys: [old], options: { clock: new MemoryClock(Date.now() + 30 * dayMs) } });
  const strict = makeMachine(t, { sources, ...inAMonth() });
  await refuses(openRelease(strict.services, suite), "signature-untrusted");
  const lax = makeMachine(t, { sources, ...inAMonth(), conf: 'Acquire::Check-Date "no";' });
  assert.equal((await openRelease(lax.services, suite)).release.codename, "bookworm");
});

test("a detached signature is checked alike", async (t) => {
  const { services, archive } = await setUp(t);
  await archive.detach([key]);
  assert.equal((await openRelease(services, suite)).release.codename, "bookworm");
  const release = archive.files.get("dists/bookworm/Release") as Buffer;
  archive.files.set("dists/bookworm/Release", Buffer.from(release.toString().replace("12.1", "12.2")));
  await refuses(openRelease(services, suite), "signature-invalid");
});

test("a Release past its date is refused, as apt's settings say", async (t) => {
  const expired = { date: new Date(Date.now() - 20 * dayMs), validUntil: new Date(Date.now() - dayMs) };
  await refuses(openRelease((await setUp(t, expired)).services, suite), "release-expired");
  for (const setting of [
    { conf: 'Acquire::Check-Valid-Until "false";' },
    { conf: 'Acquire::Check-Date "false";' },
    { conf: 'Acquire::Min-ValidTime "5184000";' },
    { sourceOptions: "check-valid-until=no" },
  ])
    assert.equal(
      (await openRelease((await setUp(t, { ...expired, ...setting })).services, suite)).release.version,
      "12.1",
    );
  // Without Valid-Until, the user's own measure.
  const { services } = await setUp(t, { date: expired.date, conf: 'Acquire::Max-ValidTime "864000";' });
  await refuses(openRelease(services, suite), "release-expired");
});

test("a Release from the future is refused", async (t) => {
  const { services } = await setUp(t, { date: new Date(Date.now() + dayMs) });
  await refuses(openRelease(services, suite), "release-from-the-future");
});

test("an older Release than the mirror had before does not replace it", async (t) => {
  const { services, archive, notices } = await setUp(t);
  await openIndexes(services, await openRelease(services, suite), amd64);
  await archive.publish([{ name: "hello", version: "0.9" }], [key], {
    date: new Date(Date.now() - 5 * dayMs),
  });
  const opened = await openRelease(services, suite);
  assert.match(notices.join("\n"), /older Release/);
  const [index] = await openIndexes(services, opened, amd64);
  assert.deepEqual(index?.index.names(), ["hello", "libc6"]);
});

test("a mirror that cannot be reached leaves what was verified before", async (t) => {
  const { services, archive, notices } = await setUp(t);
  await openIndexes(services, await openRelease(services, suite), amd64);
  archive.answer = (_, response) => {
    response.writeHead(404).end();
    return true;
  };
  assert.equal((await openRelease(services, suite)).release.version, "12.1");
  assert.match(notices.join("\n"), /cannot be reached/);
});

test("another suite or archive under the same address is refused", async (t) => {
  const { services, archive, uri } = await setUp(t);
  const trixie = new FixtureArchive();
  await trixie.publish(packages, [key], { codename: "trixie", suite: "testing" });
  archive.files.set("dists/bookworm/InRelease", trixie.files.get("dists/trixie/InRelease") as Buffer);
  await refuses(openRelease(services, suite), "release-wrong");
  const error = await refuses(
    openRelease(services, { archive: "debian-security", suite: "bookworm-security" }),
    "apt-archive-unknown",
  );
  assert.ok(isCopseError(error) && error.hint?.includes("apt's sources have: debian"), uri);
});

test("a suite that no source names is found in the same archive", async (t) => {
  const { services, archive } = await setUp(t);
  await archive.publish([{ name: "newer" }], [key], { codename: "trixie", suite: "testing" });
  const opened = await openRelease(services, { archive: "debian", suite: "trixie" });
  const [index] = await openIndexes(services, opened, amd64);
  assert.deepEqual(index?.index.names(), ["newer"]);
});

test("indexes are taken by hash where the archive offers it", async (t) => {
  const { services, archive } = await setUp(t, { byHash: true });
  const opened = await openRelease(services, suite);
  // The mirror is in the middle of an update: the plain name holds the next index already.
  archive.files.set("dists/bookworm/main/binary-amd64/Packages.gz", Buffer.from("next"));
  const [index] = await openIndexes(services, opened, amd64);
  assert.deepEqual(index?.index.names(), ["hello", "libc6"]);
  assert.ok(archive.requests.some((path) => path.includes("/by-hash/SHA256/")));
});

test("an uncompressed index serves, and one of its own for all architectures", async (t) => {
  const { services } = await setUp(t, {
    compress: (text) => [{ suffix: "", contents: text }],
    separateAll: [{ name: "docs", architecture: "all" }],
  });
  const indexes = await openIndexes(services, await openRelease(services, suite), amd64);
  assert.deepEqual(
    indexes.flatMap(({ index }) => index.names()),
    ["hello", "libc6", "docs"],
  );
});

test("a page, a truncated file and a broken connection are told apart from an index", async (t) => {
  const { services, archive } = await setUp(t);
  const opened = await openRelease(services, suite);
  archive.answer = (_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<html>sign in</html>");
    return true;
  };
  await refuses(openIndexes(services, opened, amd64), "download-html");
  await refuses(openRelease(services, { ...suite, suite: "trixie" }), "download-html");
});

test("an index that claims to be huge, or unpacks to more than it may, is not taken", async (t) => {
  const bomb = await setUp(t, {
    compress: () => [{ suffix: ".gz", contents: gzipSync(Buffer.alloc(8_000_000)) }],
  });
  await refuses(openIndexes(bomb.services, await openRelease(bomb.services, suite), amd64), "index-invalid");
  const huge = await setUp(t);
  const opened = await openRelease(huge.services, suite);
  const path = "main/binary-amd64/Packages.gz";
  const listed = opened.release.files.get(path);
  assert.ok(listed);
  const files = new Map([...opened.release.files, [path, { ...listed, sizeBytes: 10 ** 14 }]]);
  const claimed = { ...opened, release: { ...opened.release, files } };
  await refuses(openIndexes(huge.services, claimed, amd64), "index-invalid");
  assert.deepEqual(
    huge.archive.requests.filter((request) => request.includes("Packages")),
    [],
  );
});

test("a mirror that is down hands over to the next; one that redirects without end does not stop it", async (t) => {
  const archive = new FixtureArchive();
  await archive.publish(packages, [key]);
  const good = await archive.serve(t);
  const circle = new FixtureArchive();
  circle.answer = (path, response) => {
    response.writeHead(302, { location: `/debian/${path}x` }).end();
    return true;
  };
  const [looping, down] = [await circle.serve(t), "http://127.0.0.1:9/debian"];
  const source = (uri: string) => `deb [signed-by=/keys/archive.gpg] ${uri} bookworm main\n`;
  const remembered = makeMachine(t, {
    sources: "",
    keys: [key],
    files: {
      "config.toml": `[sources.debian]\nuris = ["${down}", "${looping}", "${good}"]\nsigned-by = "/keys/archive.gpg"\n`,
    },
    options: { env: { COPSE_CONFIG: "/config.toml" } },
  });
  const opened = await openRelease(remembered.services, suite);
  const [index] = await openIndexes(remembered.services, opened, amd64);
  assert.deepEqual(index?.index.names(), ["hello", "libc6"]);
  const alone = makeMachine(t, { sources: source(looping), keys: [key] });
  await refuses(openRelease(alone.services, suite), "apt-archive-unknown");
});

test("what a suite does not have is said", async (t) => {
  const { services } = await setUp(t);
  const opened = await openRelease(services, suite);
  await refuses(
    openIndexes(services, opened, { components: ["universe"], architecture: "amd64" }),
    "component-unknown",
  );
  await refuses(
    openIndexes(services, opened, { components: ["main"], architecture: "s390x" }),
    "architecture-unknown",
  );
});

test("keys come from paths, from the field itself, and from what apt trusts for all", async (t) => {
  const archive = new FixtureArchive();
  await archive.publish(packages, [key]);
  const uri = await archive.serve(t);
  const block = key.armored
    .trim()
    .split("\n")
    .map((line) => ` ${line.trim() || "."}`)
    .join("\n");
  const stanza = `Types: deb\nURIs: ${uri}\nSuites: bookworm\nComponents: main\nSigned-By:\n${block}\n`;
  const inline = makeMachine(t, {
    sources: "",
    options: { extraSources: { name: "copse.toml", text: stanza } },
  });
  assert.equal((await openRelease(inline.services, suite)).release.version, "12.1");
  const armored = makeMachine(t, {
    sources: `deb [signed-by=/keys/archive.asc] ${uri} bookworm main\n`,
    keys: [stranger, key],
  });
  assert.equal((await openRelease(armored.services, suite)).release.version, "12.1");
  const trusting = makeMachine(t, {
    sources: `deb ${uri} bookworm main\n`,
    keys: [key],
    conf: 'Dir::Etc::trusted "/keys/archive.gpg";',
  });
  assert.equal((await openRelease(trusting.services, suite)).release.version, "12.1");
  const none = makeMachine(t, { sources: `deb ${uri} bookworm main\n` });
  await refuses(openRelease(none.services, suite), "keyring-missing");
  const other = stranger.privateKey.getFingerprint();
  const selected = (fingerprint: string) =>
    makeMachine(t, {
      sources: `deb [signed-by=${fingerprint}] ${uri} bookworm main\n`,
      keys: [stranger, key],
      conf: 'Dir::Etc::trusted "/keys/archive.gpg";',
    });
  assert.equal(
    (await openRelease(selected(key.privateKey.getFingerprint()).services, suite)).release.version,
    "12.1",
  );
  await refuses(openRelease(selected(other).services, suite), "signature-untrusted");
  // The signature is by the primary key or a subkey; a fingerprint with `!` means that one key alone.
  await refuses(openRelease(selected(`${other}!`).services, suite), "signature-untrusted");
});

test("gpgv agrees on what is signed", {
  skip: spawnSync("gpgv", ["--version"]).status !== 0 && "gpgv is not installed",
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "copse-gpgv-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "ring.gpg"), key.binary);
  const gpgv = (text: string) => {
    writeFileSync(join(directory, "InRelease"), text);
    return (
      spawnSync("gpgv", ["--keyring", join(directory, "ring.gpg"), join(directory, "InRelease")]).status === 0
    );
  };
  const { services, archive } = await setUp(t);
  const signed = archive.files.get("dists/bookworm/InRelease")?.toString() ?? "";
  const foreign = await clearSign("Origin: Debian", [stranger]);
  for (const text of [
    signed,
    signed.replace("Suite: stable", "Suite: stablf"),
    signed.replace("Suite: stable", "Suite: stable  "),
    foreign,
  ]) {
    archive.files.set("dists/bookworm/InRelease", Buffer.from(text));
    const accepted = await openRelease(services, suite).then(
      () => true,
      (error: unknown) => {
        if (isCopseError(error, "signature-invalid") || isCopseError(error, "signature-untrusted"))
          return false;
        throw error;
      },
    );
    assert.equal(accepted, gpgv(text), text.slice(0, 120));
  }
});
