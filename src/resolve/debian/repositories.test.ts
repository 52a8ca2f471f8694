import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { openLock } from "../lock.ts";
import { parseLock } from "../lock-reader.ts";
import { debianNames, resolveDebian } from "./resolve-debian.ts";
import { type DebianSource, type StatedRepository, suiteKey } from "./source.ts";
import { FixtureArchive, makeKey, makeMachine, sha256 } from "./testing/fixture-archive.ts";

const key = await makeKey("debian");
const labKey = await makeKey("lab");
const base: DebianSource = { suite: "bookworm", system: "x86_64-linux" };
const dayMs = 86_400_000;

async function setUp(t: TestContext) {
  const debian = new FixtureArchive();
  await debian.publish([{ name: "lib", version: "1.0" }], [key]);
  const lab = new FixtureArchive();
  await lab.publish([{ name: "lab-tool", fields: { Depends: "lib" } }], [labKey], {
    origin: "The Lab",
    label: "Lab",
  });
  const uris = { debian: await debian.serve(t), lab: await lab.serve(t) };
  const sources = `deb [signed-by=/keys/archive.gpg] ${uris.debian} bookworm main\n`;
  const machine = makeMachine(t, { sources, keys: [key] });
  const lockPath = join(machine.root, "copse.lock");
  return { debian, lab, uris, sources, lockPath, lock: openLock(lockPath), ...machine };
}

function repository(uri: string, rest: Partial<StatedRepository> = {}): StatedRepository {
  return {
    ...{ name: "lab", uris: [uri], suite: "bookworm", components: ["main"], trusted: false },
    key: labKey.armored,
    ...rest,
  };
}

async function refuses(promise: Promise<unknown>, code: string): Promise<string> {
  const error: unknown = await promise.then(
    () => assert.fail(`is to be refused with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(isCopseError(error, code), `${code} is expected: ${String(error)}`);
  return `${error.message} ${error.hint ?? ""}`;
}

test("a repository that an expression states: its key verifies, the lock names no host", async (t) => {
  const { services, lock, lockPath, uris } = await setUp(t);
  const source = { ...base, repositories: [repository(uris.lab)] };
  const { packages } = await resolveDebian({ ...source, packages: ["lab-tool"], lock, services });
  assert.deepEqual(
    packages.map(({ name, archive }) => `${archive}/${name}`),
    ["debian/lib", "lab/lab-tool"],
  );
  const tool = packages.at(-1);
  assert.match(tool?.urls[0] ?? "", /^apt:lab@\d{8}T\d{6}Z\/pool\/main\//);
  assert.equal(tool?.urls[1], `${uris.lab}/${tool?.file}`);
  lock.save();
  const text = readFileSync(lockPath, "utf8");
  assert.doesNotMatch(text, /127\.0\.0\.1|http/);
  assert.match(text, new RegExp(`"key":"${sha256(Buffer.from(labKey.armored))}"`));
  const again = openLock(lockPath, { frozen: true });
  const frozen = await resolveDebian({ ...source, packages: ["lab-tool"], lock: again, services });
  assert.deepEqual(frozen.packages, packages);
  // Another key, another answer: the lock does not have it.
  await refuses(
    resolveDebian({
      ...{ ...base, packages: ["lab-tool"], lock: again, services },
      repositories: [repository(uris.lab, { key: key.armored })],
    }),
    "lock-missing",
  );
});

test("a binary key serves; another key, or none, does not", async (t) => {
  const { services, lock, uris } = await setUp(t);
  const ask = (rest: Partial<StatedRepository>) =>
    debianNames({ ...base, repositories: [repository(uris.lab, rest)], lock, services });
  const binary = Buffer.from(labKey.binary).toString("latin1");
  assert.ok((await ask({ key: binary })).includes("lab-tool"));
  const other = await refuses(ask({ key: key.armored }), "signature-untrusted");
  assert.match(other, /the key that stands with the source/);
  await refuses(ask({ key: "no key at all" }), "keyring-missing");
  assert.match(await refuses(ask({ key: undefined }), "repository-unsigned"), /signedBy/);
});

test("what is trusted without a signature is said to be in the lock", async (t) => {
  const { services, lock, lab, uris } = await setUp(t);
  await lab.publishFlat([{ name: "flat-tool", version: "0.1" }], []);
  const source = {
    ...base,
    repositories: [repository(uris.lab, { suite: "./", components: [], key: undefined, trusted: true })],
  };
  const { packages, releases } = await resolveDebian({ ...source, packages: ["flat-tool"], lock, services });
  assert.equal(packages[0]?.file, "flat-tool_0.1_amd64.deb");
  assert.equal(releases[1]?.trusted, true);
  assert.equal(releases[0]?.trusted, undefined);
});

test("apt's own trusted=yes counts, and is said to be in the lock", async (t) => {
  const { lock, uris, lab } = await setUp(t);
  await lab.publishFlat([{ name: "flat-tool" }], [], { fields: ["Origin: Flat"] });
  const stated = [repository("", { name: "flat", uris: [], key: undefined, suite: "./", components: [] })];
  const machine = (option: string) =>
    makeMachine(t, {
      sources: `deb [signed-by=/keys/archive.gpg] ${uris.debian} bookworm main\ndeb ${option} ${uris.lab} ./\n`,
      keys: [key],
    });
  const request = { ...base, repositories: stated, packages: ["flat-tool"], lock };
  await refuses(
    resolveDebian({ ...request, services: machine("[signed-by=/keys/archive.gpg]").services }),
    "release-unsigned",
  );
  const { releases } = await resolveDebian({ ...request, services: machine("[trusted=yes]").services });
  assert.equal(releases[1]?.trusted, true);
});

test("a repository without addresses is the machine's of that name", async (t) => {
  const { uris, sources, lab } = await setUp(t);
  await lab.publishFlat([{ name: "flat-tool" }], [labKey]);
  const flat = new FixtureArchive();
  await flat.publishFlat([{ name: "nameless-tool" }], [labKey], { fields: ["Description: no name"] });
  const stanza = labKey.armored
    .trim()
    .split("\n")
    .map((line) => ` ${line.trim() || "."}`)
    .join("\n");
  const machine = makeMachine(t, {
    sources: `${sources}deb [signed-by=/keys/lab.asc] ${uris.lab} bookworm main\n`,
    keys: [key],
    files: {
      "keys/lab.asc": labKey.armored,
      "etc/apt/sources.list.d/vendor.sources": `Types: deb\nURIs: ${await flat.serve(t)}\nSuites: ./\nSigned-By:\n${stanza}\n`,
    },
  });
  const { services } = machine;
  const names = (stated: Partial<StatedRepository>) =>
    debianNames({
      ...base,
      ...{ services, lock: openLock(join(machine.root, "copse.lock")) },
      repositories: [repository("", { uris: [], key: undefined, ...stated })],
    });
  // By what its Release says of itself, and by the name of its file where it says nothing.
  assert.deepEqual(await names({ name: "the-lab-lab" }), ["lab-tool", "lib"]);
  assert.deepEqual(await names({ name: "vendor", suite: "./", components: [] }), ["lib", "nameless-tool"]);
  const unknown = await refuses(names({ name: "elsewhere" }), "apt-archive-unknown");
  assert.match(unknown, /the-lab-lab/);
});

test("repositories that cannot be are refused", () => {
  for (const [what, rest] of [
    ["Debian's own name", { name: "debian" }],
    ["a name with a slash", { name: "a/b" }],
    ["an empty suite", { suite: "" }],
    ["a suite that leaves", { suite: "../x/" }],
    ["no component", { components: [] }],
    ["components of a path", { suite: "./" }],
    ["a priority of nothing", { priority: 0 }],
    ["half a priority", { priority: 1.5 }],
  ] as const)
    assert.throws(
      () => suiteKey({ ...base, repositories: [repository("https://lab.invalid", rest)] }),
      (error) => isCopseError(error, "repository-invalid"),
      what,
    );
  assert.throws(
    () =>
      suiteKey({ ...base, repositories: [repository("https://a.invalid"), repository("https://b.invalid")] }),
    (error) => isCopseError(error, "repository-invalid"),
  );
});

test("a lock whose statement was edited is refused", async (t) => {
  const { services, lock, lockPath, uris } = await setUp(t);
  const source = { ...base, repositories: [repository(uris.lab, { priority: 700 })] };
  await resolveDebian({ ...source, packages: ["lab-tool"], lock, services });
  lock.save();
  const text = readFileSync(lockPath, "utf8");
  parseLock("copse.lock", text);
  for (const edited of [
    text.replace('"priority":700}', '"priority":701}'),
    text.replace(/^ +"source":.*\n/m, ""),
  ]) {
    assert.notEqual(edited, text);
    assert.throws(
      () => parseLock("copse.lock", edited),
      (error) => isCopseError(error, "lock-invalid"),
    );
  }
});

test("an older Release than the lock has seen is refused", async (t) => {
  const { services, lock, debian, sources } = await setUp(t);
  await resolveDebian({ ...base, packages: ["lib"], lock, services });
  await debian.publish([{ name: "lib", version: "0.9" }, { name: "other" }], [key], {
    date: new Date(Date.now() - 30 * dayMs),
  });
  // A machine that has never seen the newer one, and so cannot know by itself.
  const other = makeMachine(t, { sources, keys: [key] });
  const ask = (update: boolean) =>
    resolveDebian({ ...base, packages: ["other"], lock, services: other.services, update });
  assert.match(await refuses(ask(false), "release-replayed"), /another mirror/);
  await refuses(ask(true), "release-replayed");
  assert.equal(lock.suite({ suite: "bookworm", architecture: "amd64" })?.packages[0]?.version, "1.0");
});

test("a machine without apt: archives from copse's configuration, else one error that says what to write", async (t) => {
  const { uris } = await setUp(t);
  const machine = (config: string | undefined) =>
    makeMachine(t, {
      sources: "",
      files: {
        "keys/own.asc": key.armored,
        ...(config !== undefined && { "home/.config/copse/config.toml": config }),
      },
      options: { env: { HOME: "/home" } },
    });
  const names = ({ root, services }: ReturnType<typeof makeMachine>) =>
    debianNames({ ...base, lock: openLock(join(root, "copse.lock")), services });
  const configured = machine(`[sources.debian]\nuris = ["${uris.debian}"]\nsigned-by = "/keys/own.asc"\n`);
  assert.deepEqual(await names(configured), ["lib"]);
  const bare = await refuses(names(machine(undefined)), "apt-archive-unknown");
  assert.match(bare, /\/home\/\.config\/copse\/config\.toml, below \[sources\]: debian = \["/);
  // Without a key of one's own, Debian's own keys count, and these have not signed the fixture.
  const plain = await refuses(
    names(machine(`[sources]\ndebian = "${uris.debian}"\n`)),
    "signature-untrusted",
  );
  assert.match(plain, /the keys of Debian that copse knows/);
});
