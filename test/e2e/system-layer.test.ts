/** Where packages come from: suites side by side, repositories of a project, source packages, kept files. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copse, failure, output, project, world, write } from "./world.ts";

interface Section {
  readonly packages: readonly { readonly name: string; readonly file: string; readonly archive: string }[];
  readonly sources?: readonly {
    readonly name: string;
    readonly files: readonly { readonly file: string }[];
  }[];
}

function sections(cwd: string): Record<string, Section> {
  const { debian } = JSON.parse(readFileSync(join(cwd, "copse.lock"), "utf8"));
  return Object.fromEntries(
    Object.entries(debian as Record<string, Record<string, Section>>).map(([suite, architectures]) => [
      suite,
      Object.values(architectures)[0] as Section,
    ]),
  );
}

const sideBySide = `
let
  pkgs = import <nixpkgs> { config.pythonPackages = "debian"; };
  trixie = import <nixpkgs> { config = { debian.suite = "trixie"; pythonPackages = "debian"; }; };
in
{
  environment = pkgs.mkShell {
    packages = [ trixie.hello pkgs.pkg-config ];
    buildInputs = [ pkgs.debian.zlib1g-dev ];
  };
  mixed = pkgs.python3.withPackages (_: [ trixie.python3.pkgs.six ]);
}
`;

describe("two suites in one expression", () => {
  const cwd = project();
  write(cwd, { "shell.nix": sideBySide });

  test("each package in a root of its own suite, development files where they belong", async () => {
    const script =
      "hello; . /etc/os-release; echo $VERSION_CODENAME; pkg-config --libs zlib; ls /usr/include/zlib.h";
    const printed = await output(["run", "-A", "environment", "--", "sh", "-c", script], { cwd });
    assert.deepEqual(printed.split("\n").slice(0, 4), [
      "Hello, world!",
      "bookworm",
      "-lz ",
      "/usr/include/zlib.h",
    ]);
    const locked = sections(cwd);
    assert.deepEqual(Object.keys(locked).sort(), ["bookworm", "trixie"]);
    assert.ok(locked["trixie"]?.packages.some(({ name }) => name === "hello"));
    assert.ok(!locked["bookworm"]?.packages.some(({ name }) => name === "hello"));
  });

  test("never in one root", async () => {
    const message = await failure(["build", "-A", "mixed"], { cwd });
    assert.match(message, /is of trixie, and this environment of bookworm: packages of two suites cannot/);
  });

  test("all their files kept in a folder make them again where there is nothing else", async () => {
    const folder = join(cwd, "mirror");
    const report = JSON.parse(await output(["fetch", "-f", "shell.nix", "-o", folder, "--json"], { cwd }));
    const files = Object.values(sections(cwd)).flatMap(({ packages }) => packages.map(({ file }) => file));
    assert.equal(report.files, new Set(files).size);
    assert.equal(report.downloaded, report.files);
    const again = JSON.parse(await output(["fetch", "copse.lock", "-o", folder, "--json"], { cwd }));
    assert.equal(again.downloaded, 0);

    const elsewhere = mkdtempSync(join(tmpdir(), "copse-offline-"));
    try {
      write(elsewhere, { "apt.conf": 'Dir::Etc "/nonexistent";', "config.toml": "" });
      const env = {
        COPSE_STORE: join(elsewhere, "store"),
        XDG_CACHE_HOME: join(elsewhere, "cache"),
        COPSE_CONFIG: join(elsewhere, "config.toml"),
        APT_CONFIG: join(elsewhere, "apt.conf"),
      };
      const command = ["run", "-A", "environment", "--frozen", "--", "hello"];
      const bare = await failure(command, { cwd, env });
      assert.match(bare, /error\[apt-archive-unknown\]: No source is configured for the archive `debian`/);
      assert.match(bare, /config\.toml, below \[sources\]: debian = /);
      const mirrored = await copse(command, { cwd, env: { ...env, COPSE_MIRRORS: folder } });
      assert.equal(mirrored.stdout, "Hello, world!\n", mirrored.stderr);
    } finally {
      spawnSync("chmod", ["-R", "u+w", elsewhere]);
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });
});

const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;

test("a source package, as Debian's own tool unpacks it", async () => {
  const cwd = project();
  write(cwd, { "default.nix": '(import <nixpkgs> { }).debianSource "hello"\n' });
  const path = (await output(["build"], { cwd })).trim();
  const real = join(world.store, path);
  assert.ok(existsSync(join(real, "debian/control")), path);
  const files = sections(cwd)["bookworm"]?.sources?.[0]?.files.map(({ file }) => file) ?? [];
  assert.match(files[0] ?? "", /^pool\/main\/h\/hello\/hello_.*\.dsc$/);
  assert.match(await output(["lock", "--frozen"], { cwd }), /^unchanged: /m);
  if (!has("dpkg-source")) return;
  const folder = join(cwd, "kept");
  await output(["fetch", "-f", "default.nix", "-o", folder], { cwd });
  const target = join(cwd, "theirs");
  const dsc = join(folder, "debian", files[0] ?? "");
  const unpacked = spawnSync("dpkg-source", ["--no-check", "-x", dsc, target], { encoding: "utf8" });
  assert.equal(unpacked.status, 0, unpacked.stderr);
  const difference = spawnSync("diff", ["-r", "--no-dereference", target, real], { encoding: "utf8" });
  assert.equal(difference.stdout, "");
});

describe("a repository of the project", {
  skip: !(has("dpkg-deb") && has("gpg")) && "dpkg-deb or gpg is not installed",
}, () => {
  const cwd = project();

  function publish(): void {
    const repository = join(cwd, "repository");
    mkdirSync(join(cwd, "tool/DEBIAN"), { recursive: true });
    mkdirSync(join(cwd, "tool/usr/share/lab"), { recursive: true });
    mkdirSync(repository);
    mkdirSync(join(cwd, "gnupg"), { mode: 0o700 });
    const control =
      "Package: lab-tool\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <lab@copse.invalid>\n";
    write(cwd, {
      "tool/DEBIAN/control": `${control}Description: a tool of the lab\n`,
      "tool/usr/share/lab/words": "made in the lab\n",
      "make.sh": `set -e
export GNUPGHOME=$PWD/gnupg
dpkg-deb --root-owner-group -b tool repository/lab-tool_1.0_all.deb
cd repository
{ cat ../tool/DEBIAN/control
  printf 'Filename: ./lab-tool_1.0_all.deb\\nSize: %s\\nSHA256: %s\\n' $(stat -c %s *.deb) $(sha256sum *.deb | cut -d' ' -f1); } > Packages
{ echo "Date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"
  echo "SHA256:"; echo " $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) Packages"; } > Release
gpg --batch -q --passphrase '' --quick-generate-key lab@copse.invalid ed25519 sign never
gpg --batch -q --clearsign -o InRelease Release
gpg --export > ../lab.gpg
gpgconf --kill all
`,
    });
    const made = spawnSync("sh", ["make.sh"], { cwd, encoding: "utf8" });
    assert.equal(made.status, 0, made.stderr);
    assert.ok(readdirSync(repository).includes("InRelease"));
  }

  const shell = (more: string): string => `
let pkgs = import <nixpkgs> {
  config.debian.repositories = [ { name = "lab"; uris = [ ./repository ]; suite = "./"; ${more} } ];
};
in pkgs.mkShell { packages = [ pkgs.lab-tool ]; }
`;

  test("is verified by the project's key", async () => {
    publish();
    write(cwd, { "shell.nix": shell("signedBy = ./lab.gpg;") });
    assert.equal(await output(["run", "--", "cat", "/usr/share/lab/words"], { cwd }), "made in the lab\n");
    const text = readFileSync(join(cwd, "copse.lock"), "utf8");
    assert.ok(!text.includes(cwd));
    assert.match(text, /"archive":"lab","file":"lab-tool_1\.0_all\.deb"/);
    const folder = join(cwd, "kept");
    await output(["fetch", "-o", folder], { cwd });
    assert.ok(existsSync(join(folder, "lab/lab-tool_1.0_all.deb")));
  });

  test("is refused without one, or with another", async () => {
    write(cwd, { "unsigned.nix": shell("") });
    assert.match(await failure(["lock", "unsigned.nix"], { cwd }), /error\[repository-unsigned\].*: `lab`/);
    const other = "/nonexistent/key.asc";
    write(cwd, { "missing.nix": shell(`signedBy = "${other}";`) });
    assert.match(
      await failure(["lock", "missing.nix"], { cwd }),
      /error\[file-not-found\][\s\S]*nonexistent/,
    );
    write(cwd, { "wrong.nix": shell("signedBy = ./lab.gpg; priorities = 1;") });
    assert.match(await failure(["lock", "wrong.nix"], { cwd }), /error\[source-invalid\].*: `priorities`/);
  });
});
