/** Hashes of files on this machine's disk, read piece by piece. In hexadecimal digits. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const PIECE_BYTES = 1 << 20;

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>)
    hash.update(piece);
  return hash.digest("hex");
}

/** A file is renamed into place when it is whole, but a crash of the machine can cut it off afterwards. */
export async function fileHasSha256(path: string, sha256: string): Promise<boolean> {
  try {
    return (await sha256OfFile(path)) === sha256;
  } catch {
    return false;
  }
}
