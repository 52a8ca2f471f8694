/**
 * Where the process starts. Compiled code is cached under the user's cache folder before anything else is
 * loaded, so that every module after this one starts from V8's byte code and not from TypeScript.
 */
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const cacheHome = process.env["XDG_CACHE_HOME"] || join(process.env["HOME"] || "/tmp", ".cache");
enableCompileCache(join(cacheHome, "copse", "code"));

const { main } = await import("./dispatch.ts");
process.exitCode = await main(process.argv[2] ?? "copse", process.argv.slice(3));
