/**
 * Where the process starts: bin/copse gives the name that it was called by, then the arguments. It has also set
 * where Node keeps compiled code, which is nothing that the programs we start should inherit.
 */
import { main } from "./dispatch.ts";

delete process.env["NODE_COMPILE_CACHE"];
process.exitCode = await main(process.argv[2] ?? "copse", process.argv.slice(3));
