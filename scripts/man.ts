/** Writes the manual pages into a folder: `npm run man`, or `npm run man -- FOLDER`. What is made is not kept in git. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { allPages } from "../src/cli/man/all-pages.ts";

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, "man"));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const pages = await allPages(version);
for (const { fileName, text } of pages) writeFileSync(join(folder, fileName), text);
console.log(`${pages.length} manual pages: ${folder}`);
