import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { isCopseError } from "#base";
import { openCurrent } from "../index/suite-indexes.ts";
import { type DebianSource, type StatedRepository, suiteKey } from "../source.ts";
import { hasApt, openAptJudge } from "../testing/apt-judge.ts";
import { FixtureArchive, type FixturePackage, makeKey, makeMachine } from "../testing/fixture-archive.ts";
import { checkPin, type PinStatement } from "./pins.ts";
import { solveDebian } from "./solve.ts";
import { PackageUniverse } from "./universe.ts";

const key = await makeKey("pins");
const at = (name: string, version: string, fields = {}): FixturePackage => ({
  name,
  version,
  fields: { Maintainer: "nobody", ...fields },
});
const names = ["app", "lib", "libextra", "tool", "only-backports", "only-vendor", "only-experimental"];

/** A machine with Debian, its backports and experimental, a vendor's repository and a flat one. */
async function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "copse-pins-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const debian = new FixtureArchive();
  await debian.publish(
    [at("app", "1.0", { Depends: "lib" }), at("lib", "1.0"), at("libextra", "1.0"), at("tool", "1:1.0-1")],
    [key],
    { suite: "oldstable" },
  );
  await debian.publish(
    [at("app", "2.0~bpo", { Depends: "lib (>= 2)" }), at("lib", "2.0~bpo"), at("only-backports", "3.0")],
    [key],
    {
      codename: "bookworm-backports",
      suite: "oldstable-backports",
      version: "12.1-backports",
      fields: ["NotAutomatic: yes", "ButAutomaticUpgrades: yes"],
    },
  );
  await debian.publish([at("lib", "9.0"), at("only-experimental", "0.1")], [key], {
    codename: "experimental",
    suite: "experimental",
    fields: ["NotAutomatic: yes"],
  });
  const vendor = new FixtureArchive();
  await vendor.publish(
    [
      at("lib", "1.5+vendor", { Source: "libsource (1.5)" }),
      at("libextra", "0.9"),
      at("only-vendor", "1.0", { Source: "libsource" }),
      at("tool", "1:1.0-1"),
    ],
    [key],
    { origin: "Vendor", label: "Vendor Tools", suite: "stable", component: "extra" },
  );
  const flat = new FixtureArchive();
  await flat.publishFlat([at("tool", "0.5"), at("libextra", "1.1+flat")], [key], {
    fields: ["Origin: Flat", "Suite: flat"],
  });
  const uris = {
    debian: `file:${debian.write(join(directory, "debian"))}`,
    vendor: `file:${vendor.write(join(directory, "vendor"))}`,
    flat: `file:${flat.write(join(directory, "flat"))}`,
  };
  const repository = (name: string, rest: Partial<StatedRepository>): StatedRepository => ({
    ...{ name, uris: [], suite: "bookworm", components: [], key: key.armored, trusted: false },
    ...rest,
  });
  const source: DebianSource = {
    ...{ suite: "bookworm", system: "x86_64-linux", pockets: ["backports"] },
    repositories: [
      repository("experimental", { uris: [uris.debian], suite: "experimental", components: ["main"] }),
      repository("vendor", { uris: [uris.vendor], components: ["extra"] }),
      repository("flat", { uris: [uris.flat], suite: "./" }),
    ],
  };
  const sources = `deb [signed-by=/keys/archive.gpg] ${uris.debian} bookworm main\n`;
  const { services } = makeMachine(t, { sources, keys: [key] });
  const { indexes } = await openCurrent(services, source, {});
  const judged = `deb [trusted=yes] ${uris.debian} bookworm main
deb [trusted=yes] ${uris.debian} bookworm-backports main
deb [trusted=yes] ${uris.debian} experimental main
deb [trusted=yes] ${uris.vendor} bookworm extra
deb [trusted=yes] ${uris.flat} ./
`;
  const universe = (pins: readonly PinStatement[]) => new PackageUniverse({ sources: indexes, pins });
  return { universe, judged };
}

function pin(text: string): PinStatement {
  const [names = "", how = "", priority = ""] = text.split(" | ");
  return { package: names, pin: how, priority: Number(priority) };
}

function preferences(pins: readonly PinStatement[]): string {
  return pins
    .map((one) => `Package: ${one.package}\nPin: ${one.pin}\nPin-Priority: ${one.priority}\n`)
    .join("\n");
}

const written: readonly (readonly string[])[] = [
  [],
  ["* | release n=bookworm-backports | 500"],
  ["* | release a=oldstable-backports | 990"],
  ["lib | release n=bookworm-backports | 900"],
  ["lib | version 1.0 | 1001"],
  ["lib | version 1.* | 600"],
  ["lib* | release o=Vendor | 700"],
  ["lib? | release o=Vendor | 700"],
  ["/^lib/ | release l=Vendor Tools | 700"],
  ["* | release o=Vendor,c=main | 700"],
  ["* | release o=Vendor,c=extra,n=bookworm | 700"],
  ["* | release o=Deb*,a=*backports | 700"],
  ["* | release v=12.1 | 800"],
  ["* | release v=12* | 800"],
  ["* | release bookworm | 800"],
  ["* | release oldstable | 800"],
  ["* | release 12.1-backports | 800"],
  ["* | release o=Vendor | -1"],
  ["* | release * | -5", "tool | release o=Flat | 1"],
  ["tool | release o=Flat | 501"],
  ["tool | version 1:1.0-1 | -1"],
  ["src:libsource | release o=Vendor | 800"],
  ["src:lib* | version 1.5* | 800"],
  ["only-vendor | release o=Vendor | -10"],
  ["only-experimental lib | release a=experimental | 500"],
  ["lib | release o=Vendor | 700", "lib | release n=bookworm-backports | 900"],
  ["lib* | release o=Vendor | 300", "lib | release o=Vendor | 900"],
  ["* | version 1.0 | 900"],
  ['* | origin "" | 100'],
  ["* | origin mirror.invalid | 900"],
  ["libextra | release c= | 700"],
  ["lib[a-z]* | release o=Flat | 700"],
  ["* | release o=Vendor | 500", "* | release o=Vendor | 900"],
];

test("which version apt takes, with pins of every kind", {
  skip: !hasApt && "apt-get is not installed",
}, async (t) => {
  const { universe, judged } = await setUp(t);
  const judge = openAptJudge(t, judged);
  const parts = written.flat();
  const drawn: string[][] = [];
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 20; round++)
    drawn.push(Array.from({ length: 2 + random(3) }, () => parts[random(parts.length)] as string));
  for (const lines of [...written, ...drawn]) {
    const pins = lines.map(pin);
    judge.prefer(preferences(pins));
    const theirs = judge.candidates(names);
    const found = universe(pins);
    const ours = names.map((name) => `${name} ${found.candidates(name)[0]?.version}`);
    assert.deepEqual(
      ours,
      names.map((name) => `${name} ${theirs.get(name)}`),
      `pins: ${lines.join("; ")}`,
    );
  }
});

test("what apt installs with pins, dependencies included", {
  skip: !hasApt && "apt-get is not installed",
}, async (t) => {
  const { universe, judged } = await setUp(t);
  const judge = openAptJudge(t, judged);
  for (const lines of written) {
    const pins = lines.map(pin);
    judge.prefer(preferences(pins));
    const theirs = judge.install(["app"]);
    let ours: string[] | undefined;
    try {
      const answer = solveDebian({ universe: universe(pins), names: ["app"], suite: "test" });
      ours = answer.map((one) => `${one.name}=${one.version}`).sort();
    } catch (error) {
      assert.ok(
        isCopseError(error, "debian-unsatisfiable") || isCopseError(error, "debian-package-pinned"),
        String(error),
      );
    }
    assert.deepEqual(ours, theirs, `pins: ${lines.join("; ")}`);
  }
});

test("what stands behind a pin is said", async (t) => {
  const { universe } = await setUp(t);
  const pins = [pin("app | version 2* | 900")];
  assert.throws(
    () => solveDebian({ universe: universe(pins), names: ["app"], suite: "test" }),
    (error) =>
      isCopseError(error, "debian-unsatisfiable") &&
      error.trace.some(({ message }) =>
        message.includes("by priority it is 1.5+vendor, 1.0, before 2.0~bpo (100), 9.0 (1)"),
      ),
  );
  assert.throws(
    () => solveDebian({ universe: universe([pin("* | release * | -1")]), names: ["app"], suite: "test" }),
    (error) => isCopseError(error, "debian-package-pinned") && /1\.0 \(-1\)/.test(error.hint ?? ""),
  );
});

test("pins that mean nothing are refused", () => {
  for (const text of [
    "lib | release x=bookworm | 500",
    "lib | release | 500",
    "lib | version | 500",
    "lib | newest | 500",
    "lib | version 1 | 0",
    "lib | version 1 | 70000",
    " | version 1 | 500",
    "/(/ | version 1 | 500",
  ])
    assert.throws(
      () => checkPin(pin(text)),
      (error) => isCopseError(error, "pin-invalid"),
      text,
    );
});

test("pins and repositories make a section of the lock of their own", () => {
  const pins = [pin("lib | version 1 | 500")];
  const one = suiteKey({ suite: "bookworm", pins });
  assert.match(one, /^bookworm\/[0-9a-f]{12}$/);
  assert.notEqual(one, suiteKey({ suite: "bookworm", pins: [pin("lib | version 1 | 501")] }));
  assert.equal(suiteKey({ suite: "bookworm", snapshot: "20240301T000000Z" }), "bookworm@20240301T000000Z");
});
