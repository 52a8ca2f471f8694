import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "./finding.ts";
import { formatTable } from "./table.ts";

const findings: readonly Finding[] = [
  { check: "store", state: "ok", result: "/nix/store" },
  {
    check: "file system",
    state: "problem",
    result: "there are no locks here, and nothing can be done about it but to move",
    meaning: "Two processes would be in each other's way.",
    wayOut: "as root: `echo a=1 > /etc/sysctl.d/90.conf && sysctl --system`, or move",
  },
];

test("texts are broken between words, and what is to be typed is not", () => {
  assert.deepEqual(formatTable(findings, 72), [
    "check        state    result",
    "store        ok       /nix/store",
    "file system  PROBLEM  there are no locks here, and nothing can be done",
    "                      about it but to move",
    "                      Two processes would be in each other's way.",
    "                      way out: as root:",
    "                      `echo a=1 > /etc/sysctl.d/90.conf && sysctl --system`,",
    "                      or move",
  ]);
});

test("a very narrow terminal is taken for a wider one", () => {
  assert.deepEqual(formatTable(findings, 10), formatTable(findings, 60));
});
