import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isCopseError } from "#base";
import { AptConf, parseAptBoolean, partNames, readAptConf } from "./conf.ts";

// The judge is apt-config, on every Debian and Ubuntu machine.
const hasApt = spawnSync("apt-config", ["--version"]).status === 0;

/** What `apt-config dump` says of the names that a text sets, or undefined where apt refuses it. */
function judge(text: string): string[] | undefined {
  const directory = mkdtempSync(join(tmpdir(), "copse-conf-"));
  try {
    const file = join(directory, "test.conf");
    const entry = join(directory, "entry.conf");
    writeFileSync(file, text);
    writeFileSync(entry, `Dir::Etc::main "${file}"; Dir::Etc::parts "/nonexistent";`);
    const env = { ...process.env, APT_CONFIG: entry, LC_ALL: "C" };
    const run = spawnSync("apt-config", ["dump"], { env, encoding: "utf8" });
    if (run.status !== 0 || run.stderr.includes("E: ")) return undefined;
    return run.stdout.split("\n").filter((line) => /^t(?:est)?\d*(?:::| )/i.test(line));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function dump(text: string): string[] {
  const conf = new AptConf();
  readAptConf(conf, { name: "test.conf", text });
  return conf.dump();
}

const accepted: readonly string[] = [
  't1::a "x";',
  't1 { a "x"; b { "one"; "two"; }; };',
  't1 { a "x"; b { "one"; "two"; } }\nt2 "y";',
  't1::list:: "a"; t1::list:: "b";',
  "t1::bare word;",
  't1::a "x"; // to the end\n# a comment\nt2 "y"; # another',
  't1 /* inside */ "x"; /* over\nlines "with quotes */ t2 "y";',
  't1 "http://host/#fragment//x/*y*/";',
  't1::a "x"; T1::A "y";',
  't1::a "x"; t1::b { "c"; }; #clear t1::b;',
  't1::a "x"; #clear t1;\nt2 "z";',
  't1\n  "joined";',
  't1 "v" { a "x"; };',
  "t1 a/*c*/b;",
  "t1 {};",
  't1 "";',
  't1::l { "a"; }; t1::l { "b"; };',
  't1:: "x"; t1:: "y"; #clear t1::;\nt1:: "z";',
  "t1 { a { b { c yes; }; }; };",
  "t1::a 5; t1::b off;",
  't1 "x" "y" "z";',
];

for (const text of accepted)
  test(`apt.conf as apt reads it: ${JSON.stringify(text)}`, {
    skip: !hasApt && "apt-config is not installed",
  }, () => {
    assert.deepEqual(dump(text), judge(text));
  });

const refused: readonly string[] = ['{ a "x"; };', 't1 "x" y;', "t1 x y z;", 't1 "x"', "t1 { #clear t2; };"];

for (const text of refused)
  test(`apt.conf as apt refuses it: ${JSON.stringify(text)}`, {
    skip: !hasApt && "apt-config is not installed",
  }, () => {
    assert.equal(judge(text), undefined);
    assert.throws(
      () => dump(text),
      (error) => isCopseError(error, "apt-config-invalid"),
    );
  });

test("random nestings are read as apt reads them", { skip: !hasApt && "apt-config is not installed" }, () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    return (seed >> 8) % below;
  };
  const statement = (depth: number): string => {
    const name = ["t1", "t2", "T1", "t1::a", "t3::b::c"][random(5)];
    const value = ['"x"', "bare", '"a b"', '""', '"1"'][random(5)];
    const comment = ["", " ", "\n", " /* c */ ", " // c\n", "\n# c\n"][random(6)];
    if (depth < 3 && random(3) === 0)
      return `${name} {${comment}${Array.from({ length: random(3) }, () => statement(depth + 1)).join("")}};${comment}`;
    if (depth > 0 && random(4) === 0) return `${value === '""' ? '"v"' : value};${comment}`;
    return `${name} ${value};${comment}`;
  };
  for (let round = 0; round < 30; round++) {
    const text = Array.from({ length: 1 + random(5) }, () => statement(0)).join("");
    assert.deepEqual(dump(text), judge(text), text);
  }
});

test("paths are joined to those of their parents, as with Dir::Etc", () => {
  const conf = new AptConf();
  readAptConf(conf, {
    name: "t",
    text: 'Dir "/"; Dir::Etc "etc/apt"; Dir::Etc::main "apt.conf"; Dir::Etc::parts "/own/parts";',
  });
  assert.equal(conf.getPath("Dir::Etc::main"), "/etc/apt/apt.conf");
  assert.equal(conf.getPath("Dir::Etc::parts"), "/own/parts");
});

test("truth values and file names", () => {
  for (const yes of ["yes", "TRUE", "1", "on", "enable"])
    assert.equal(parseAptBoolean(yes, false), true, yes);
  for (const no of ["no", "false", "0", "off", "disable"]) assert.equal(parseAptBoolean(no, true), false, no);
  assert.equal(parseAptBoolean("perhaps", true), true);
  const names = ["10a", "b.conf", "c.conf.dpkg-old", "d~", ".hidden", "e.list", "f b"];
  assert.deepEqual(partNames(names, ["", "conf"]), ["10a", "b.conf"]);
});
