/** Packages that requirements name by address: files behind URLs, and git repositories that the tests make. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { type FixtureIndex, serveFixtureIndex } from "../../../src/resolve/python/testing/fixture-index.ts";
import { makeSdist, makeWheel } from "../../../src/resolve/python/testing/packages.ts";
import { type CallOptions, copse, failure, output, project, write } from "../world.ts";

const hasGit = (() => {
  try {
    execFileSync("git", ["--version"]);
    return true;
  } catch {
    return false;
  }
})();
const needsGit = { skip: hasGit ? false : "git is not installed" };

const projects = {
  beta: [makeWheel({ name: "beta", version: "1.0" }), makeWheel({ name: "beta", version: "2.0" })],
  source: [makeSdist({ name: "source", version: "0.5", requires: ["beta<2"], dynamic: ["Requires-Dist"] })],
  alien: [makeWheel({ name: "alien", version: "1.0", tag: "cp27-cp27m-win_amd64" })],
};

let index: FixtureIndex;
before(async () => {
  index = await serveFixtureIndex(projects);
});
after(() => index.close());

function urlOf(name: keyof typeof projects, at = 0): string {
  return `${index.loopback.url}/files/${name}/${projects[name][at]?.file}`;
}

/** A folder with a copse.toml. */
function manifest(
  python: string,
  files: Readonly<Record<string, string>> = {},
): CallOptions & { readonly cwd: string } {
  const cwd = project();
  write(cwd, { "copse.toml": `[python]\n${python}\n`, ...files });
  return { cwd, env: { PIP_CONFIG_FILE: "/dev/null", PIP_INDEX_URL: index.url } };
}

interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  readonly origin?: { readonly url: string; readonly commit?: string };
}

function locked(cwd: string): ReadonlyMap<string, LockedPackage> {
  const { python } = JSON.parse(readFileSync(join(cwd, "copse.lock"), "utf8"));
  const [section] = Object.values(python as Record<string, { packages: LockedPackage[] }>);
  return new Map((section?.packages ?? []).map((one) => [one.name, one]));
}

/** A backend that puts one module into a wheel, with nothing but Python's own means; its version is the variable's. */
function backend(
  name: string,
  options: { readonly version?: string; readonly requires?: readonly string[] } = {},
) {
  const requires = (options.requires ?? []).map((one) => `Requires-Dist: ${one}\\n`).join("");
  return [
    "import os, zipfile",
    `VERSION = ${options.version ? `"${options.version}"` : 'os.environ["SETUPTOOLS_SCM_PRETEND_VERSION"]'}`,
    "def build_wheel(directory, config_settings=None, metadata_directory=None):",
    `    wheel_name = '${name}-' + VERSION + '-py3-none-any.whl'`,
    `    info = '${name}-' + VERSION + '.dist-info/'`,
    "    with zipfile.ZipFile(os.path.join(directory, wheel_name), 'w') as wheel:",
    `        wheel.write('${name}.py', '${name}.py')`,
    `        wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: ${name}\\nVersion: ' + VERSION + '\\n${requires}')`,
    "        wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')",
    "        wheel.writestr(info + 'RECORD', ''.join(n + ',,\\n' for n in wheel.namelist()))",
    "    return wheel_name",
    "",
  ].join("\n");
}

const BUILD_SYSTEM = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n';

class Repository {
  readonly folder = join(project(), "repository");

  constructor(files: Readonly<Record<string, string>>) {
    mkdirSync(this.folder);
    this.git("init", "--quiet", "--initial-branch=main");
    this.commit(files);
  }

  git(...args: string[]): string {
    const who = [
      "-c",
      "user.name=test",
      "-c",
      "user.email=test@example.org",
      "-c",
      "protocol.file.allow=always",
    ];
    const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", [...who, ...args], { cwd: this.folder, env, encoding: "utf8" }).trim();
  }

  commit(files: Readonly<Record<string, string>>): string {
    write(this.folder, files);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message=a change");
    return this.git("rev-parse", "HEAD");
  }

  get url(): string {
    return pathToFileURL(this.folder).href;
  }
}

const lab = (module: string) => ({
  "pyproject.toml": `${BUILD_SYSTEM}[project]\nname = "lab"\nversion = "1.0"\ndependencies = ["beta<2"]\n`,
  "backend.py": backend("lab", { version: "1.0", requires: ["beta<2"] }),
  "lab.py": module,
});

describe("a package of a git repository", needsGit, () => {
  test("is solved with the others, locked by its commit, and stays there until it is updated", async () => {
    const repository = new Repository(lab("print('first')\n"));
    const first = repository.git("rev-parse", "HEAD");
    const call = manifest(`packages = [{ name = "lab", git = "${repository.folder}", rev = "main" }]`);
    const run = (...options: string[]) =>
      output(["run", ...options, "--", "python3", "-c", "import lab, beta"], call);
    assert.equal(await run(), "first\n");
    assert.deepEqual(locked(call.cwd).get("lab")?.origin, {
      url: `git+${repository.url}@main`,
      commit: first,
    });
    assert.equal(locked(call.cwd).get("beta")?.version, "1.0");
    const second = repository.commit({ "lab.py": "print('second')\n" });
    assert.equal(await run("--frozen"), "first\n");
    await output(["lock"], call);
    assert.equal(locked(call.cwd).get("lab")?.origin?.commit, first);
    await output(["update", "lab"], call);
    assert.equal(locked(call.cwd).get("lab")?.origin?.commit, second);
    assert.equal(await run("--frozen"), "second\n");
    const script =
      "import importlib.metadata as m; print(m.distribution('lab').read_text('direct_url.json'))";
    const direct = JSON.parse(await output(["run", "--", "python3", "-c", script], call));
    assert.deepEqual(direct.vcs_info, { commit_id: second, requested_revision: "main", vcs: "git" });
  });

  test("is there without its repository, once it is locked and built", async () => {
    const repository = new Repository(lab("print('kept')\n"));
    const call = manifest(`packages = ["lab @ git+${repository.url}"]`);
    const command = ["run", "--frozen", "--", "python3", "-c", "import lab"];
    await output(["lock"], call);
    await output(command, call);
    rmSync(repository.folder, { recursive: true });
    assert.equal(await output(command, call), "kept\n");
  });

  test("is kept by copse fetch, for another machine without a network", async () => {
    const repository = new Repository(lab("print('carried')\n"));
    const call = manifest(`packages = ["lab @ git+${repository.url}"]`);
    const command = ["run", "--frozen", "--", "python3", "-c", "import lab"];
    assert.equal(await output(["run", "--", "python3", "-c", "import lab"], call), "carried\n");
    const mirror = join(project(), "mirror");
    await output(["fetch", "-o", mirror], call);
    assert.match(await output(["fetch", "-o", mirror], call), / 0 of them new/);
    rmSync(repository.folder, { recursive: true });
    const elsewhere = {
      COPSE_STORE: project(),
      XDG_CACHE_HOME: project(),
      COPSE_MIRRORS: mirror,
      COPSE_OFFLINE: "1",
    };
    assert.equal(await output(command, { ...call, env: { ...call.env, ...elsewhere } }), "carried\n");
  });

  test("may be below the top, by a relative address, with a submodule, and have its version from a tag", async () => {
    const part = new Repository({ "part.py": "WORD = 'from the submodule'\n" });
    const repository = new Repository({ "README.md": "two projects\n" });
    mkdirSync(join(repository.folder, "python"));
    repository.git("submodule", "--quiet", "add", part.url, "python/part");
    repository.commit({
      "python/pyproject.toml": `${BUILD_SYSTEM}# setuptools_scm\n[project]\nname = "tagged"\ndynamic = ["version"]\n`,
      "python/backend.py": backend("tagged").replace(
        "    return wheel_name",
        "        wheel.write('part/part.py', 'part.py')\n    return wheel_name",
      ),
      "python/tagged.py": "import part\nprint(part.WORD)\n",
    });
    repository.git("tag", "v2.5");
    const call = manifest(
      'packages = [{ name = "tagged", git = "./checkout", rev = "v2.5", subdirectory = "python" }]',
    );
    repository.git("clone", "--quiet", "--bare", repository.folder, join(call.cwd, "checkout"));
    await output(["lock"], call);
    assert.equal(await output(["run", "--", "python3", "-c", "import tagged"], call), "from the submodule\n");
    const { version, origin } = locked(call.cwd).get("tagged") ?? {};
    assert.equal(version, "2.5");
    assert.equal(origin?.url, "git+file:./checkout@v2.5#subdirectory=python");
  });

  test("may be what another package depends on; a file of this machine may not", async () => {
    const repository = new Repository(lab("print('inner')\n"));
    const stated = (url: string) =>
      new Repository({
        "pyproject.toml": `${BUILD_SYSTEM}[project]\nname = "outer"\nversion = "1"\ndependencies = ["lab @ ${url}"]\n`,
        "backend.py": backend("outer", { version: "1" }),
        "outer.py": "import lab\n",
      });
    const inner = stated(`git+${repository.url}`);
    const call = manifest(`packages = ["outer @ git+${inner.url}"]`);
    assert.match(await failure(["lock"], call), /error\[python-url-local\].*`lab @ git\+file:/);
    write(call.cwd, {
      "copse.toml": `[python]\npackages = ["outer @ git+${inner.url}", "lab @ git+${repository.url}"]\n`,
    });
    assert.equal(await output(["run", "--", "python3", "-c", "import outer"], call), "inner\n");
    const remote = stated(urlOf("beta"));
    const other = manifest(`packages = ["outer @ git+${remote.url}"]`);
    assert.match(await failure(["lock"], other), /error\[python-url-name\].*another project, beta/);
  });

  test("that cannot be had is told where it was asked for", async () => {
    const repository = new Repository(lab(""));
    const refused = async (stated: string) => failure(["lock"], manifest(`packages = [\n  ${stated},\n]`));
    for (const [stated, code] of [
      [`"lab @ git+${repository.url}@no-such-branch"`, "git-revision"],
      [`"lab @ git+${repository.url}/nowhere"`, "git-unreachable"],
      [`"other @ git+${repository.url}"`, "python-url-name"],
      ['"lab @ git+git@git.example:group/lab.git"', "git-address"],
      ['"lab @ hg+https://hg.example/lab"', "python-url-scheme"],
      ['"lab @ git+https://git.example/lab#subdirectory=../.."', "python-url-subdirectory"],
    ] as const) {
      const said = await refused(stated);
      assert.match(said, new RegExp(`error\\[${code}\\]`), stated);
      assert.match(said, /copse\.toml:3:3/, `${stated}: ${said}`);
    }
    const withLogin = manifest('packages = ["lab @ git+https://token@git.example/lab"]');
    const said = await failure(["lock"], withLogin);
    assert.match(said, /error\[git-login\].*lab/);
    assert.doesNotMatch(said, /token/);
  });
});

describe("a package behind a URL", () => {
  test("has its hash locked, and is not taken when it was replaced", async () => {
    const call = manifest(`packages = ["beta @ ${urlOf("beta")}"]`);
    const run = (...options: string[]) =>
      output(["run", ...options, "--", "python3", "-c", "import beta; print(beta.__version__)"], call);
    await output(["lock"], call);
    const { sha256, origin, file } = locked(call.cwd).get("beta") ?? {};
    assert.equal(
      sha256,
      createHash("sha256")
        .update(projects.beta[0]?.bytes ?? "")
        .digest("hex"),
    );
    assert.deepEqual([origin?.url, file], [urlOf("beta"), projects.beta[0]?.file]);
    index.takeRequests();
    assert.equal(await run("--frozen"), "1.0\n");
    // What was fetched to be locked is there.
    assert.deepEqual(index.takeRequests(), []);
    assert.equal(await run("--frozen"), "1.0\n");
  });

  test("may be an sdist, of which only a build knows what it needs", async () => {
    const call = manifest(`packages = ["source @ ${urlOf("source")}"]`);
    const script = "import source, beta; print(source.__version__, beta.__version__)";
    assert.equal(await output(["run", "--", "python3", "-c", script], call), "0.5 1.0\n");
  });

  test("is checked by the hash that is stated", async () => {
    const wrong = manifest(`packages = ["source @ ${urlOf("source")}#sha256=${"0".repeat(64)}"]`);
    const said = await failure(["lock"], wrong);
    assert.match(said, /error\[hash-mismatch\]/);
    assert.match(said, /copse\.toml:2:1[0-9]/);
  });

  test("that is for another machine, or no package, is refused", async () => {
    assert.match(
      await failure(["lock"], manifest(`packages = ["alien @ ${urlOf("alien")}"]`)),
      /error\[python-url-wheel\]/,
    );
    assert.match(
      await failure(["lock"], manifest('packages = ["beta @ https://files.example/beta"]')),
      /error\[python-url-file\]/,
    );
    assert.match(
      await failure(["lock"], manifest(`packages = ["beta @ ${urlOf("beta")}#md5=00"]`)),
      /error\[python-url-hash\]/,
    );
  });

  test("comes once for everybody who asks for it", async () => {
    const call = manifest(`packages = ["beta @ ${urlOf("beta")}", "source"]`);
    const { code, stderr } = await copse(["lock"], call);
    assert.equal(code, 0, stderr);
    assert.equal(locked(call.cwd).get("beta")?.version, "1.0");
  });
});
