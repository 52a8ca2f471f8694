/**
 * Packages whose maintainer scripts must be run, in the root of the fixture: with dpkg itself, in the sandbox of
 * builds, in both ways of having a writable root.
 */
import assert from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { byteStringFromText, isCopseError } from "#base";
import { type ConfigureRequest, composeRoot, ensureView, unpackDeb, viewDigest } from "#root";
import { runSandboxed } from "#sandbox";
import { type TestDeb, temporaryDirectory, writeDeb } from "../../src/root/debs-for-tests.ts";
import type { RunInView } from "../../src/root/run-in-view.ts";
import { prepareFixture, realPath, world } from "./world.ts";

before(prepareFixture);

const POSTINST = `#!/bin/sh
set -e
[ "$(id -u)" = 0 ]
[ "$DPKG_MAINTSCRIPT_NAME" = postinst ]
. /usr/share/debconf/confmodule
db_get setup/word
mkdir /etc/setup.d
echo "word=$RET" >/etc/setup.d/word
chown nobody:nogroup /etc/setup.d/word
install -o nobody -g games -m 0755 -D /usr/share/setup/template /usr/lib/setup/program
echo more >>/usr/share/setup/list
rm /usr/share/setup/unwanted
rm -r /usr/share/setup/replaced
mkdir /usr/share/setup/replaced
echo new >/usr/share/setup/replaced/new
ln -s list /usr/share/setup/link
update-alternatives --install /usr/bin/setup-tool setup-tool /usr/share/setup/template 10
invoke-rc.d setup start || true
echo log >/var/log/setup.log
echo random >/etc/machine-id
perl -e 'my %h = map { $_ => 1 } "a".."z"; print join(" ", keys %h), "\\n"' >/etc/setup.d/order
date -u -d "@$SOURCE_DATE_EPOCH" +%Y >/etc/setup.d/year
perl -e 'print "$^T\\n"' >/etc/setup.d/started
dpkg-trigger setup-trigger
for package in libc6 setup; do dpkg-query -W -f='\${Package} \${db:Status-Status}\\n' $package; done >/etc/setup.d/status
dpkg -L setup | grep -q /usr/share/setup/list
if ping -c1 -W1 192.0.2.1 >/dev/null 2>&1 || grep -v -E 'lo:|Inter|face' /proc/net/dev | grep -q :; then exit 9; fi
`;

const SETUP: TestDeb = {
  name: "setup",
  fields: { Depends: "debconf" },
  members: [
    { path: "./usr/share/setup/template", contents: "#!/bin/sh\n", mode: 0o755 },
    { path: "./usr/share/setup/list", contents: "one\n" },
    { path: "./usr/share/setup/unwanted", contents: "x" },
    { path: "./usr/share/setup/replaced/old", contents: "x" },
  ],
  scripts: {
    postinst: POSTINST,
    templates: "Template: setup/word\nType: string\nDefault: hello\nDescription: a word\n",
  },
};
const TRIGGERED: TestDeb = {
  name: "triggered",
  members: [{ path: "./usr/share/triggered/x", contents: "x" }],
  scripts: {
    triggers: "interest setup-trigger\n",
    postinst:
      '#!/bin/sh\nset -e\ncase "$1" in triggered) echo "$2" >/etc/triggered;; configure) some-thing || true;; esac\n',
  },
};
const FAILING: TestDeb = {
  name: "failing",
  members: [{ path: "./usr/share/failing/x", contents: "x" }],
  scripts: { postinst: "#!/bin/sh\nprogram-of-ours || true\necho there is no ice cream >&2\nexit 7\n" },
};
const FAILING_BEFORE: TestDeb = {
  name: "failing-before",
  members: [{ path: "./usr/share/failing/y", contents: "x" }],
  scripts: { preinst: "#!/bin/sh\nunknown-program-of-ours\n" },
};

function fixtureTrees(): { readonly storePath: string; readonly realPath: string }[] {
  const store = join(world.store, "nix/store");
  const manifests = readdirSync(store)
    .filter((name) => name.endsWith("-root"))
    .map((name) => join(store, name, "manifest"));
  const read = manifests.map(
    (path) => JSON.parse(readFileSync(path, "utf8")) as { trees: string[]; packageCount: number },
  );
  const largest = read.sort((a, b) => b.packageCount - a.packageCount)[0];
  assert.ok(largest);
  return largest.trees
    .slice(0, largest.packageCount)
    .map((path) => ({ storePath: path, realPath: realPath(path) }));
}

/** As builders run programs of a root. */
function runner(directory: string): RunInView {
  let runs = 0;
  return async (viewDir, argv, options) => {
    const place = join(directory, `run-${runs++}`);
    for (const name of ["build", "store"]) mkdirSync(join(place, name), { recursive: true });
    let stderr = "";
    const result = await runSandboxed(
      {
        root: { kind: "view", dir: viewDir },
        storeMounts: [],
        chrootStoreDir: join(place, "store"),
        buildDir: join(place, "build"),
        binds: options.binds,
        network: false,
        env: Object.fromEntries(
          Object.entries(options.env).map(([name, value]) => [name, byteStringFromText(value)]),
        ),
        argv: ["/bin/sh", "-c", 'exec "$@" >/build/stdout', "sh", ...argv],
      },
      {
        onOutput(chunk) {
          stderr += Buffer.from(chunk).toString("utf8");
        },
      },
    );
    return { exitCode: result.exitCode ?? 137, stdout: readFileSync(join(place, "build/stdout")), stderr };
  };
}

interface Composition {
  readonly debs: readonly TestDeb[];
  readonly configure?: ConfigureRequest;
  readonly copiesOnly?: boolean;
}

async function compose(directory: string, { debs, configure, copiesOnly }: Composition): Promise<string> {
  const trees = fixtureTrees();
  for (const deb of debs) {
    const tree = join(directory, deb.name);
    if (!existsSync(tree)) {
      writeDeb(`${tree}.deb`, deb);
      await unpackDeb({ debPath: `${tree}.deb`, target: tree });
    }
    trees.push({ storePath: `/nix/store/${deb.name}`, realPath: tree });
  }
  const work = join(directory, `work-${readdirSync(directory).length}`);
  const target = `${work}-root`;
  mkdirSync(work);
  await composeRoot({
    packages: trees,
    bytecode: [],
    suite: "bookworm",
    system: process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux",
    target,
    workDir: work,
    runInView: runner(work),
    ...(configure && { configure }),
    ...(copiesOnly && { copiesOnly }),
  });
  return target;
}

describe("packages whose scripts cannot be read", () => {
  test("are configured by them, alike each time and in both ways", async (t) => {
    const directory = temporaryDirectory(t);
    const debs = [SETUP, TRIGGERED];
    const root = await compose(directory, { debs });
    const delta = `${root}/delta`;
    const text = (path: string) => readFileSync(delta + path, "utf8");

    assert.equal(text("/etc/setup.d/word"), "word=hello\n");
    assert.equal(lstatSync(`${delta}/usr/lib/setup/program`).mode & 0o777, 0o555);
    assert.equal(text("/usr/share/setup/list"), "one\nmore\n");
    assert.equal(readFileSync(join(directory, "setup/usr/share/setup/list"), "utf8"), "one\n");
    assert.equal(readlinkSync(`${delta}/usr/share/setup/link`), "list");
    assert.equal(readlinkSync(`${delta}/etc/alternatives/setup-tool`), "/usr/share/setup/template");
    assert.match(
      text("/var/lib/dpkg/alternatives/setup-tool"),
      /^auto\n\/usr\/bin\/setup-tool\n\n\/usr\/share\/setup\/template\n10\n/,
    );
    assert.equal(text("/etc/setup.d/year"), "1970\n");
    assert.equal(text("/etc/setup.d/started"), "1\n");
    assert.equal(text("/etc/setup.d/status"), "libc6 installed\nsetup half-configured\n");
    assert.equal(text("/etc/triggered"), "setup-trigger\n");
    // Nothing of the machine, of the run, or of what stood in for other programs.
    assert.equal(text("/etc/machine-id"), "");
    for (const path of [
      "/var/log/setup.log",
      "/usr/sbin/policy-rc.d",
      "/usr/bin/chown",
      "/usr/bin/install",
      "/var/cache/debconf",
    ])
      assert.ok(!existsSync(delta + path), path);

    const view = await ensureView({
      rootRealPath: root,
      realPathOf: (path) =>
        existsSync(join(directory, path.slice(11))) ? join(directory, path.slice(11)) : realPath(path),
      viewsDir: join(directory, "views"),
    });
    assert.deepEqual(readdirSync(`${view}/usr/share/setup`).sort(), ["link", "list", "replaced", "template"]);
    assert.deepEqual(readdirSync(`${view}/usr/share/setup/replaced`), ["new"]);

    const digest = await viewDigest(root);
    assert.equal(await viewDigest(await compose(directory, { debs, copiesOnly: true })), digest);
  });

  test("fail with the script's name, its exit code and its last words", async (t) => {
    const directory = temporaryDirectory(t);
    await assert.rejects(compose(directory, { debs: [FAILING] }), (error) => {
      assert.ok(isCopseError(error, "root-configure-failed"), String(error));
      assert.equal(error.message, "Maintainer script postinst of failing failed with exit code 7: `failing`");
      assert.match(error.hint ?? "", /there is no ice cream/);
      assert.match(error.hint ?? "", /dontConfigure = \[ "failing" \]/);
      return true;
    });
    await assert.rejects(compose(directory, { debs: [FAILING_BEFORE] }), (error) => {
      assert.ok(isCopseError(error, "root-configure-failed"), String(error));
      assert.match(error.message, /^Maintainer script preinst of failing-before failed with exit code 127/);
      return true;
    });
    assert.deepEqual(
      readdirSync(directory).filter((name) => name.endsWith("-root")),
      [],
    );
  });

  test("are left as they are where that is asked for", async (t) => {
    const directory = temporaryDirectory(t);
    const debs = [FAILING];
    await compose(directory, { debs, configure: { mode: "auto", also: [], except: ["failing"] } });
    await compose(directory, { debs, configure: { mode: "never", also: [], except: [] } });
  });
});

test("a package whose script can be read is configured where that is asked for", async (t) => {
  const directory = temporaryDirectory(t);
  const quiet: TestDeb = {
    name: "quiet",
    members: [{ path: "./usr/share/quiet/x", contents: "x" }],
    scripts: {
      postinst: "#!/bin/sh\ncd /var/lib\ntouch /var/lib/quiet\n",
    },
  };
  const root = await compose(directory, {
    debs: [quiet],
    configure: { mode: "never", also: ["quiet"], except: [] },
  });
  // What its script does although nothing of it says so to a reader.
  assert.ok(existsSync(`${root}/delta/var/lib/quiet`));
});
