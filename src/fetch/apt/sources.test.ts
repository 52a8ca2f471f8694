import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { loadAptConfiguration } from "./configuration.ts";
import { parseSignedBy, parseSourcesList, parseSourcesStanzas } from "./sources.ts";

const hasApt = spawnSync("apt-get", ["--version"]).status === 0;
const skip = !hasApt && "apt-get is not installed";

/** `uri suite component` of every package index that apt would fetch. */
function judge(name: string, text: string): string[] | undefined {
  const directory = mkdtempSync(join(tmpdir(), "copse-sources-"));
  try {
    mkdirSync(join(directory, "parts"));
    writeFileSync(join(directory, "parts", name), text);
    const entry = join(directory, "entry.conf");
    writeFileSync(
      entry,
      `Dir::Etc::sourcelist "/nonexistent"; Dir::Etc::sourceparts "${directory}/parts"; Dir::Etc::parts "/nonexistent"; Dir::State::lists "${directory}"; APT::Architecture "amd64"; APT::Architectures { "amd64"; };`,
    );
    const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
    const run = spawnSync(
      "apt-get",
      ["indextargets", "--no-release-info", "--format", format, "Created-By: Packages"],
      {
        env: { ...process.env, APT_CONFIG: entry, LC_ALL: "C" },
        encoding: "utf8",
      },
    );
    if (run.status !== 0 || run.stderr.includes("E: ")) return undefined;
    const lines = run.stdout.replaceAll("$(COMPONENT)", "").split("\n");
    return [...new Set(lines.filter((line) => line !== ""))].sort();
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function ours(name: string, text: string): string[] {
  const parse = name.endsWith(".sources") ? parseSourcesStanzas : parseSourcesList;
  const sources = parse({ name, text, architecture: "amd64" });
  const lines = sources.flatMap(({ uri, suite, components }) =>
    (components.length === 0 ? [""] : components).map((component) => `${uri}/ ${suite} ${component}`),
  );
  return [...new Set(lines)].sort();
}

const oneLine: readonly string[] = [
  "deb http://mirror.invalid/debian bookworm main contrib\n",
  "deb http://mirror.invalid/debian/ bookworm main # why\n# deb http://mirror.invalid/x y main\n",
  "deb-src http://mirror.invalid/debian bookworm main\ndeb http://mirror.invalid/debian bookworm main\n",
  "deb [arch=amd64 signed-by=/usr/share/keyrings/a.gpg] http://mirror.invalid/debian bookworm main\n",
  "deb [ arch=amd64,i386 ] file:/srv/mirror bookworm main\n",
  "deb   http://mirror.invalid/debian\tbookworm   main\n",
  "deb http://mirror.invalid/flat ./\n",
];

for (const text of oneLine)
  test(`one-line source as apt reads it: ${text.trim()}`, { skip }, () => {
    assert.deepEqual(ours("a.list", text), judge("a.list", text));
  });

const stanzas: readonly string[] = [
  "Types: deb\nURIs: http://mirror.invalid/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\n",
  "# first\nTypes: deb deb-src\n# between\nURIs: http://a.invalid/debian http://b.invalid/debian/\nSuites: bookworm\nComponents: main\n\n\nTypes: deb\nURIs: http://c.invalid/x\nSuites: trixie\nComponents: main\n",
  "Enabled: no\nTypes: deb\nURIs: http://mirror.invalid/debian\nSuites: bookworm\nComponents: main\n",
  "types: deb\nuris: http://mirror.invalid/debian\nsuites: bookworm\ncomponents:\n main\n contrib\n",
];

for (const text of stanzas)
  test(`stanza as apt reads it: ${JSON.stringify(text)}`, { skip }, () => {
    assert.deepEqual(ours("a.sources", text), judge("a.sources", text));
  });

test("what apt refuses is refused", { skip }, () => {
  for (const text of [
    "deb http://mirror.invalid/debian\n",
    "dep http://mirror.invalid/debian bookworm main\n",
  ]) {
    assert.equal(judge("a.list", text), undefined, text);
    assert.throws(
      () => ours("a.list", text),
      (error) => isCopseError(error, "apt-sources-invalid"),
      text,
    );
  }
});

test("Signed-By is paths, fingerprints or a key", () => {
  assert.deepEqual(parseSignedBy("/a.gpg,/b.asc"), [
    { kind: "keyring", path: "/a.gpg" },
    { kind: "keyring", path: "/b.asc" },
  ]);
  const fingerprint = "A".repeat(40);
  assert.deepEqual(parseSignedBy(`${fingerprint.toLowerCase()}!`), [
    { kind: "fingerprint", fingerprint, exact: true },
  ]);
  const block = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDM\n -----END PGP PUBLIC KEY BLOCK-----";
  assert.deepEqual(parseSignedBy(block), [
    {
      kind: "inline",
      key: "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDM\n-----END PGP PUBLIC KEY BLOCK-----\n",
    },
  ]);
});

test("a machine's configuration is read from its files", () => {
  const root = mkdtempSync(join(tmpdir(), "copse-apt-"));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  try {
    write("etc/apt/apt.conf.d/10a", 'APT::Architecture "arm64"; Acquire::Retries "1";');
    write("etc/apt/apt.conf.d/20b.conf", 'Acquire::Retries "2"; Dir::Etc::trustedparts "own.d";');
    write("etc/apt/apt.conf.d/30c.disabled", 'Acquire::Retries "3";');
    write("etc/apt/apt.conf", 'Acquire::Max-FutureTime "4";');
    write("etc/apt/sources.list", "deb http://one.invalid/debian bookworm main\n");
    write("etc/apt/sources.list.d/two.list", "deb http://two.invalid/debian bookworm main\n");
    write("etc/apt/sources.list.d/two.list.save", "deb http://three.invalid/debian bookworm main\n");
    write(
      "etc/apt/sources.list.d/four.sources",
      "Types: deb\nURIs: http://four.invalid\nSuites: x/$(ARCH)/\n",
    );
    write("etc/apt/own.d/key.asc", "");
    write("etc/apt/auth.conf.d/a.conf", "machine http://two.invalid login me password secret\n");
    const apt = loadAptConfiguration({ root, env: {} });
    assert.equal(apt.architecture, "arm64");
    assert.equal(apt.conf.get("acquire::retries"), "2");
    assert.equal(apt.conf.getNumber("Acquire::Max-FutureTime", 0), 4);
    assert.deepEqual(
      apt.sources.map(({ uri, suite }) => `${uri} ${suite}`),
      [
        "http://one.invalid/debian bookworm",
        "http://four.invalid x/arm64/",
        "http://two.invalid/debian bookworm",
      ],
    );
    assert.deepEqual(apt.trustedKeyrings, ["/etc/apt/trusted.gpg", "/etc/apt/own.d/key.asc"]);
    assert.equal(apt.login(new URL("http://two.invalid/debian/x")), "me:secret");
    assert.equal(apt.login(new URL("http://one.invalid/debian/x")), undefined);
  } finally {
    rmSync(root, { recursive: true });
  }
});
