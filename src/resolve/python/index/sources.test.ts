/** Which index is asked where pip's configuration names none: the project's `[sources]`, its mirrors, and Debian's pip. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { normaliseName } from "#format/python";
import { FixtureArchive, makeKey, makeMachine } from "../../debian/testing/fixture-archive.ts";
import { makeTarGz } from "../testing/archives.ts";
import { type FixtureIndex, serveFixtureIndex } from "../testing/fixture-index.ts";
import { makeWheel } from "../testing/packages.ts";
import { locatePythonFile } from "./locate.ts";
import { openIndexServices, openPythonIndex } from "./python-index.ts";

const wheel = makeWheel({ name: "demo", version: "1.0" });

async function serve(t: TestContext): Promise<FixtureIndex> {
  const fixture = await serveFixtureIndex({ demo: [wheel] });
  t.after(() => fixture.close());
  return fixture;
}

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "copse-sources-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function count(t: TestContext, root: string, env: Readonly<Record<string, string>>): Promise<number> {
  const notices: string[] = [];
  const index = openPythonIndex({
    env: { HOME: root, PIP_RETRIES: "0", ...env },
    ...{ root, directory: root, cacheDir: join(root, "cache"), backoffMs: 1 },
    notice: (text) => notices.push(text),
    sdists: { metadataOf: () => Promise.reject(new Error("nothing is built here")) },
  });
  t.after(() => index.close());
  return (await index.files(normaliseName("demo")))?.length ?? 0;
}

test("the project's [sources] come before pip's index, and mirrors stand in for each other", async (t) => {
  const [broken, mirror, pips] = [await serve(t), await serve(t), await serve(t)];
  broken.faults.set("/simple/demo/", { kind: "status", status: 503 });
  const root = folder(t);
  writeFileSync(join(root, "copse.toml"), `[sources]\npypi = ["${broken.url}", "${mirror.url}"]\n`);
  // Paths of configuration lie below the other root.
  const env = { COPSE_MANIFEST: "/copse.toml", PIP_INDEX_URL: pips.url };
  assert.equal(await count(t, root, env), 1);
  assert.deepEqual(
    [broken, mirror, pips].map((one) => one.takeRequests().length),
    [1, 1, 0],
  );
  mirror.faults.set("/simple/demo/", { kind: "status", status: 500 });
  rmSync(join(root, "cache"), { recursive: true });
  // The first one's failure is what is told.
  await assert.rejects(count(t, root, env), (error: Error) => error.message.includes(broken.url));
});

test("a locked file comes from whichever mirror has it", async (t) => {
  const [without, mirror] = [await serve(t), await serve(t)];
  without.projects.set("demo", []);
  const root = folder(t);
  writeFileSync(join(root, "copse.toml"), `[sources]\npypi = ["${without.url}", "${mirror.url}"]\n`);
  const env = { HOME: root, COPSE_MANIFEST: "/copse.toml" };
  const services = openIndexServices({ env, root, cacheDir: join(root, "cache"), backoffMs: 1 });
  t.after(() => services.client.close());
  const file = { project: normaliseName("demo"), file: wheel.file, index: undefined };
  const origins: string[] = [];
  for await (const { url } of locatePythonFile(services, file)) origins.push(url.origin);
  assert.deepEqual(origins, [new URL(mirror.url).origin]);
});

function debOf(files: Readonly<Record<string, string>>): Buffer {
  const member = (name: string, contents: Buffer) =>
    Buffer.concat([
      Buffer.from(
        `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(contents.length).padEnd(10)}\`\n`,
      ),
      contents,
      Buffer.alloc(contents.length % 2, "\n"),
    ]);
  return Buffer.concat([
    Buffer.from("!<arch>\n"),
    member("debian-binary", Buffer.from("2.0\n")),
    member("control.tar.gz", makeTarGz({ "./control": "Package: python3-pip\n" })),
    member("data.tar.gz", makeTarGz(files)),
  ]);
}

test("a machine without pip asks the index that Debian's pip asks", async (t) => {
  const fixture = await serve(t);
  const key = await makeKey("Debian");
  const archive = new FixtureArchive();
  const module = `PyPI = PackageIndex("${fixture.url.replace("/simple", "/")}", file_storage_domain="x")\n`;
  const contents = debOf({
    "./usr/share/doc/python3-pip/copyright": "free",
    "./usr/lib/python3/dist-packages/pip/_internal/models/index.py": module,
  });
  await archive.publish([{ name: "python3-pip", contents }], [key]);
  const { root } = makeMachine(t, {
    sources: `deb [signed-by=/keys/archive.gpg] ${await archive.serve(t)} bookworm main`,
    keys: [key],
  });
  assert.equal(await count(t, root, {}), 1);
  const debs = () => archive.requests.filter((path) => path.endsWith(".deb")).length;
  assert.equal(debs(), 1);
  assert.equal(await count(t, root, {}), 1);
  assert.equal(debs(), 1);
});

test("where Debian's pip cannot be read either, the error says what to configure", async (t) => {
  const key = await makeKey("Debian");
  const archive = new FixtureArchive();
  await archive.publish([{ name: "python3-pip", contents: debOf({ "./usr/bin/pip": "" }) }], [key]);
  const { root } = makeMachine(t, {
    sources: `deb [signed-by=/keys/archive.gpg] ${await archive.serve(t)} bookworm main`,
    keys: [key],
  });
  await assert.rejects(
    count(t, root, {}),
    (error) => isCopseError(error, "pip-no-index") && /PIP_INDEX_URL/.test(error.hint ?? ""),
  );
});
