import { readFileSync } from "node:fs";
import { cacheDirectory } from "#fetch";
import { parseRequirement } from "#format/python";
import { solvePython } from "#resolve/python";
import { openPythonIndex } from "./src/resolve/python/index/mod.ts";
const lines = readFileSync("/tmp/biglist.txt", "utf8").trim().split("\n");
for (let i = 0; i < 2; i++) {
const t0 = performance.now(); const c0 = process.cpuUsage();
const index = openPythonIndex({ env: process.env, cacheDir: cacheDirectory(process.env), offline: true, sdists: { metadataOf: async () => { throw new Error("x"); } } });
const s = await solvePython({ requirements: lines.map((l) => parseRequirement(l.trim())), platform: { system: "x86_64-linux", python: "3.11.2", glibc: "2.36" }, index, settings: { onlyBinary: "all" } });
index.close();
const c = process.cpuUsage(c0);
console.log(s.packages.length, performance.now() - t0, (c.user + c.system) / 1e3);
}
