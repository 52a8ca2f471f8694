import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { findJudge } from "#format/testing";
import { formatSetting, readSettings, SETTINGS, type SettingName, type Settings } from "./mod.ts";

const folder = mkdtempSync(join(tmpdir(), "copse-settings-"));
after(() => rmSync(folder, { recursive: true }));

function conf(name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(folder, name);
  mkdirSync(directory);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

function read(
  env: Readonly<Record<string, string>>,
  overrides: readonly { name: string; value: string }[] = [],
): { settings: Settings; warnings: string[] } {
  const warnings: string[] = [];
  const settings = readSettings({
    env: { NIX_USER_CONF_FILES: "", ...env },
    overrides,
    warn: (text) => warnings.push(text),
  });
  return { settings, warnings };
}

test("later sources win, and extra- appends", () => {
  const NIX_CONF_DIR = conf("layers", {
    "nix.conf": "cores = 3 # of eight\nsubstituters = a b\ninclude more.conf\n!include absent.conf\n",
    "more.conf": "keep-going = yes\nextra-substituters = c\n",
  });
  const { settings } = read({ NIX_CONF_DIR, NIX_CONFIG: "cores = 4\nmin-free = 2G" }, [
    { name: "extra-substituters", value: "d" },
    { name: "build-use-sandbox", value: "relaxed" },
  ]);
  assert.equal(settings.cores, 4);
  assert.equal(settings["keep-going"], true);
  assert.equal(settings["min-free"], 2 ** 31);
  assert.deepEqual(settings.substituters, ["a", "b", "c", "d"]);
  assert.equal(settings.sandbox, "relaxed");
});

test("of several user files the first wins", () => {
  const directory = conf("users", { "1.conf": "cores = 1", "2.conf": "cores = 2\ntimeout = 9" });
  const { settings } = read({ NIX_USER_CONF_FILES: `${directory}/1.conf:${directory}/2.conf` });
  assert.equal(settings.cores, 1);
  assert.equal(settings.timeout, 9);
});

test("unknown names are warnings; wrong values and lines are errors that say where", () => {
  assert.deepEqual(read({ NIX_CONFIG: "no-such-thing = 1" }).warnings, ["unknown setting 'no-such-thing'"]);
  assert.throws(() => read({ NIX_CONFIG: "cores = many" }), {
    code: "setting-value",
    message: "setting 'cores' has invalid value 'many'",
  });
  assert.throws(() => read({ NIX_CONFIG: "keep-going = maybe" }), /Boolean setting 'keep-going'/);
  assert.throws(() => read({ NIX_CONFIG: "cores 4" }), {
    code: "nix-conf-syntax",
    message: "syntax error in configuration line 'cores 4' in 'NIX_CONFIG'",
  });
  const NIX_CONF_DIR = conf("circle", { "nix.conf": "include nix.conf" });
  assert.throws(() => read({ NIX_CONF_DIR }), { code: "nix-conf-include" });
  assert.throws(
    () => read({ NIX_CONFIG: "include /does/not/exist" }),
    /included from 'NIX_CONFIG' not found/,
  );
});

const { judge, reason } = findJudge("nix");

test("values are those that C++ Nix reads from the same text", { skip: reason }, () => {
  const NIX_CONFIG = [
    "experimental-features = nix-command flakes",
    "sandbox = relaxed",
    "keep-outputs = 1",
    "log-lines = 7",
    "max-jobs = 3",
  ].join("\n");
  const options = NIX_CONFIG.split("\n").flatMap((line) => ["--option", ...line.split(" = ")]);
  const features = ["--extra-experimental-features", "nix-command"];
  const shown = judge!.run([...features, ...options, "show-config", "--json"]).toString();
  const theirs = JSON.parse(shown) as Record<string, { value: unknown }>;
  const { settings } = read({ NIX_CONFIG });
  const names: SettingName[] = ["sandbox", "keep-outputs", "log-lines", "max-jobs", "timeout"];
  for (const name of names) {
    const ours = formatSetting(SETTINGS[name].kind, settings[name] as never);
    assert.equal(ours, String(theirs[name]?.value), name);
  }
  assert.deepEqual(settings["experimental-features"], ["fetch-tree", "flakes", "nix-command"]);
});
