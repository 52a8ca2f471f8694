import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { CopseError } from "#base";
import { Random } from "#format/testing";
import { type PipEnvironment, readPipItems } from "./config-files.ts";
import { loadPipConfiguration } from "./configuration.ts";
import { pipDefaultIndex } from "./default-index.ts";
import { readPipOptions } from "./options.ts";
import { askPip, noPip } from "./testing/pip-judge.ts";

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "copse-pip-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const WORDS = [
  "https://one.example/simple",
  "https://me:pa%40ss@two.example/a/simple/",
  "three.example:8443",
  "yes",
  "no",
  "TRUE",
  "0",
  "1",
  "5",
  "1.5",
  ":all:",
  ":none:",
  "numpy,Foo_Bar",
  ":all:,:none:,scipy",
  "auto",
  "disabled",
  "subprocess",
  "~/certs.pem",
  "%(home)s",
  "",
  "  ",
  "a\tb",
  "/x y",
  "maybe",
  "-dash",
  "0x10",
  "1e3",
  "é",
  "# no comment",
  "; neither",
] as const;
const KEYS = [
  "index-url",
  "index_url",
  "Index-URL",
  "pypi-url",
  "extra-index-url",
  "find-links",
  "no-index",
  "trusted-host",
  "cert",
  "client-cert",
  "proxy",
  "timeout",
  "default-timeout",
  "retries",
  "pre",
  "only-binary",
  "no-binary",
  "prefer-binary",
  "constraint",
  "keyring-provider",
  "quiet-not",
  "--index-url",
  "unknown",
  "a.b",
] as const;
const SECTIONS = ["global", "install", "download", "DEFAULT", "list", "Global", ":env:", "a]b"] as const;

const FITTING: Readonly<Record<string, readonly string[]>> = {
  timeout: ["3", "1.5", "1e2", "0"],
  "default-timeout": ["7", ".5"],
  retries: ["0", "3", "0x10", "010", "0b11"],
  pre: ["yes", "off", "True", "0"],
  "no-index": ["n", "on", "false"],
  "prefer-binary": ["t", "F"],
  "only-binary": [":all:", ":none:", "numpy,Foo_Bar", ":all:,:none:,scipy", "numpy, b"],
  "no-binary": [":all:", ":none:", "foo.bar,scipy", "x,:all:,numpy"],
  "keyring-provider": ["auto", "disabled", "import", "subprocess"],
};

/** Mostly what an option can take: one value that it cannot makes the whole case an error. */
function wordFor(random: Random, key: string): string {
  const fitting = FITTING[key];
  return fitting && random.chance(0.95) ? random.pick(fitting) : random.pick(WORDS);
}

/** Files of this dialect, most of them well-formed, with whatever can be said in them. */
function randomFile(random: Random): string {
  const lines: string[] = [];
  const used = new Set<string>();
  if (random.below(60) === 0) lines.push("key = before any section");
  for (let sections = random.below(4); sections > 0; sections--) {
    const section = random.pick(SECTIONS);
    if (used.has(section) && random.below(20) !== 0) continue;
    used.add(section);
    lines.push(`${random.below(20) === 0 ? " " : ""}[${section}]${random.below(20) === 0 ? " more" : ""}`);
    const keys = new Set<string>();
    for (let count = random.below(6); count > 0; count--) {
      const key = random.pick(KEYS);
      if (keys.has(key.toLowerCase()) && random.below(20) !== 0) continue;
      keys.add(key.toLowerCase());
      lines.push(`${key}${random.pick([" = ", "=", ": ", ":", " ="])}${wordFor(random, key)}`);
      while (FITTING[key] === undefined && random.below(4) === 0)
        lines.push(`${random.pick(["  ", "\t", "    "])}${random.pick(WORDS)}`);
      if (random.below(10) === 0)
        lines.push(random.pick(["", "# a comment", "  ; indented", "   ", "[", "no delimiter", "= v"]));
    }
  }
  return lines.join(random.pick(["\n", "\n", "\n", "\r\n"])) + random.pick(["\n", "", "\n\n"]);
}

function randomCase(random: Random, directory: string): PipEnvironment {
  const home = join(directory, "home");
  mkdirSync(home, { recursive: true });
  const env: Record<string, string> = {
    HOME: home,
    XDG_CONFIG_DIRS: `${directory}/xdg:${directory}/xdg2`,
    VIRTUAL_ENV: `${directory}/venv`,
  };
  for (const place of [
    "xdg/pip/pip.conf",
    "xdg2/pip/pip.conf",
    "home/.pip/pip.conf",
    "home/.config/pip/pip.conf",
    "venv/pip.conf",
    "named",
  ])
    if (random.below(3) === 0) write(join(directory, place), randomFile(random));
  if (random.below(3) === 0)
    env["PIP_CONFIG_FILE"] = random.pick([`${directory}/named`, "/dev/null", `${directory}/missing`, ""]);
  while (random.below(2) === 0) {
    const key = random.pick(KEYS);
    env[`PIP_${key.toUpperCase().replaceAll("-", "_")}`] = wordFor(random, key);
  }
  return env;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}

test("pip's configuration means what pip takes it for", { skip: noPip }, (t) => {
  const directory = folder(t);
  const random = new Random(20_240_301);
  const cases = Array.from({ length: 400 }, (_, number) =>
    randomCase(random, join(directory, String(number))),
  );
  let understood = 0;
  for (const [number, answer] of askPip(cases).entries()) {
    const env = cases[number] as PipEnvironment;
    const name = `case ${number} in ${directory}: ${JSON.stringify(env)}`;
    const items = attempt(() => readPipItems({ env }));
    assert.deepEqual(
      items && [...items].map(([key, { value }]) => [key, value]),
      answer.items?.map((one) => [...one]),
      name,
    );
    if (!items) continue;
    const options = attempt(() => readPipOptions(items, "install", env));
    assert.equal(options === undefined, answer.options === undefined || answer.options === null, name);
    if (!options || !answer.options) continue;
    understood++;
    const theirs = answer.options;
    if (options.indexUrl !== undefined) assert.equal(options.indexUrl, theirs["index_url"], name);
    assert.deepEqual(
      {
        extra_index_urls: options.extraIndexUrls,
        no_index: options.noIndex,
        find_links: options.findLinks,
        trusted_hosts: options.trustedHosts,
        cert: options.cert ?? null,
        client_cert: options.clientCert ?? null,
        proxy: options.proxy ?? "",
        timeout: options.timeoutSeconds,
        retries: options.retries,
        pre: options.pre,
        prefer_binary: options.preferBinary,
        constraints: options.constraints,
        keyring_provider: options.keyringProvider,
        no_binary: [...options.format.noBinary].sort(),
        only_binary: [...options.format.onlyBinary].sort(),
        index_url: options.indexUrl ?? theirs["index_url"],
      },
      {
        ...theirs,
        pre: Boolean(theirs["pre"]),
        no_index: Boolean(theirs["no_index"]),
        prefer_binary: Boolean(theirs["prefer_binary"]),
      },
      name,
    );
  }
  assert.ok(understood > 100, `only ${understood} cases said something`);
});

test("where files are links, indexes and routes come from", async (t) => {
  const directory = folder(t);
  const home = join(directory, "home");
  write(
    join(home, ".config/pip/pip.conf"),
    "[global]\nindex-url = https://me:s%40cret@one.example/a/simple\nextra-index-url =\n  https://token@two.example:8443/x\n  https://three.example/\n" +
      "find-links = wheels\n  ~/more\n  nowhere\ntrusted-host = three.example four.example:81\ntimeout = 7\n[install]\nproxy = proxy.example:3128\n",
  );
  write(
    join(home, ".netrc"),
    "machine one.example login other password other\nmachine five.example login five password 5\n",
  );
  mkdirSync(join(directory, "wheels"));
  mkdirSync(join(home, "more"));
  const env = { HOME: home, XDG_CONFIG_DIRS: directory, VIRTUAL_ENV: directory };
  const pip = loadPipConfiguration({ env, cacheDir: join(directory, "cache"), root: directory, directory });
  assert.equal((await pip.mainIndex())?.url.href, "https://one.example/a/simple");
  assert.deepEqual(
    pip.extraIndexes.map(({ url }) => url.href),
    ["https://two.example:8443/x", "https://three.example/"],
  );
  assert.deepEqual(
    pip.findLinks.map(({ url }) => url.pathname),
    [join(directory, "wheels"), join(home, "more")],
  );
  assert.deepEqual(pip.missingLinks, ["nowhere"]);
  const login = (url: string) => pip.routes.loginFor(new URL(url));
  assert.equal(login("https://one.example/files/x.whl"), "me:s@cret");
  assert.equal(login("http://one.example/files/x.whl"), "other:other");
  assert.equal(login("https://two.example:8443/f"), "token:");
  assert.equal(login("https://two.example/f"), undefined);
  assert.equal(login("https://five.example/f"), "five:5");
  assert.equal(login("https://other.example/f"), undefined);
  const secure = (url: string) => pip.routes.isSecure(new URL(url));
  assert.deepEqual(
    [
      "http://one.example/",
      "http://three.example/",
      "http://four.example:81/",
      "http://four.example/",
      "http://127.0.0.1:1/",
      "http://[::1]/",
    ].map(secure),
    [false, true, true, false, true, true],
  );
  const route = pip.routes.routeFor(new URL("https://three.example/simple/"));
  assert.equal(route.proxy, "http://proxy.example:3128");
  assert.equal(route.timeoutMs, 7000);
  assert.equal(route.tls?.verifyPeer, false);
});

test("a keyring is refused with a way out", (t) => {
  const directory = folder(t);
  const env = { HOME: directory, PIP_CONFIG_FILE: "/dev/null", PIP_KEYRING_PROVIDER: "subprocess" };
  assert.throws(
    () => loadPipConfiguration({ env, cacheDir: directory, root: directory }),
    (error) => error instanceof CopseError && error.code === "pip-keyring" && /netrc/.test(error.hint ?? ""),
  );
});

test("pip's default index is pip's own, wherever pip is", { skip: noPip }, (t) => {
  const directory = folder(t);
  const [answer] = askPip([{ HOME: directory, PIP_CONFIG_FILE: "/dev/null" }]);
  const options = { env: { ...process.env, HOME: directory }, cacheDir: join(directory, "cache") };
  const found = pipDefaultIndex(options);
  assert.equal(found, answer?.options?.["index_url"]);
  assert.equal(pipDefaultIndex(options), found);
  assert.equal(pipDefaultIndex({ ...options, root: directory }), undefined);
  write(
    join(directory, "usr/lib/python3/dist-packages/pip/_internal/models/index.py"),
    'PyPI = PackageIndex(\n    "https://index.example/", file_storage_domain="x"\n)\n',
  );
  const env = { HOME: directory };
  assert.equal(pipDefaultIndex({ ...options, env, root: directory }), "https://index.example/simple");
});
