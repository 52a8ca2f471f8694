import assert from "node:assert/strict";
import { test } from "node:test";
import { ImportBuilds, type ImportBuildsOptions } from "./import-builds.ts";

function display(options: Partial<ImportBuildsOptions> = {}) {
  const written: string[] = [];
  const builds = new ImportBuilds({
    ...{ write: (text) => void written.push(text), columns: undefined, showsLines: false, nowMs: () => 0 },
    ...options,
  });
  return { builds, take: () => written.splice(0).join("") };
}
const start = { kind: "start", id: "a", activity: "build", name: "lab-1.0-wheel" } as const;
const line = { kind: "line", id: "a", name: "lab-1.0-wheel", text: "cc -c \x1b[31mone.c\x1b[0m" } as const;
const finish = { kind: "finish", id: "a", ok: true } as const;

test("elsewhere than on a terminal a build is a line, and what it prints is not shown", () => {
  const { builds, take } = display();
  for (const event of [start, line, finish]) builds.handle(event);
  assert.equal(take(), "building lab-1.0-wheel\n");
});

test("what builders print is shown to who asks for it", () => {
  const { builds, take } = display({ showsLines: true });
  for (const event of [start, line, finish]) builds.handle(event);
  assert.equal(take(), `building lab-1.0-wheel\nlab-1.0-wheel> ${line.text}\n`);
});

test("on a terminal one line is rewritten, fits it, and is gone in the end", () => {
  let now = 0;
  const { builds, take } = display({ columns: 41, nowMs: () => now });
  builds.handle(start);
  assert.equal(take(), "building lab-1.0-wheel");
  builds.handle(line);
  assert.equal(take(), "");
  now += 1000;
  builds.handle({ ...line, text: `${line.text} -o one.o` });
  assert.equal(take(), "\r\x1b[Kbuilding lab-1.0-wheel  cc -c one.c -o o");
  builds.handle({ kind: "message", level: "warning", text: "odd" });
  assert.equal(take(), "\r\x1b[Kwarning: odd\nbuilding lab-1.0-wheel  cc -c one.c -o o");
  builds.handle(finish);
  assert.equal(take(), "\r\x1b[K");
});

test("what is no build is not told", () => {
  const { builds, take } = display({ columns: 80 });
  builds.handle({ ...start, activity: "download" });
  builds.handle({ kind: "bytes", id: "a", bytes: 10 });
  assert.equal(take(), "");
});
