/** Prints the NAR hash of a tree: what nar.ts measures. */
import { byteStringFromText } from "#base";
import { formatHash } from "#format";
import { TreeWorkers } from "#store";

const hasher = new TreeWorkers();
const { narHash } = await hasher.hashTree(byteStringFromText(process.argv[2] as string));
console.log(formatHash(narHash, "base16"));
await hasher.close();
