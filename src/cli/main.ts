/**
 * Where the process starts: bin/copse gives the name that it was called by, then the arguments.
 */
import { main } from "./dispatch.ts";

process.exitCode = await main(process.argv[2] ?? "copse", process.argv.slice(3));
