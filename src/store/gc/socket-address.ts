/**
 * A socket's address has at most 107 bytes, and stores lie deep in people's homes. Where the path is longer, the
 * directory is opened and named through /proc, which is short.
 */
import { closeSync, constants, openSync } from "node:fs";
import { basename, dirname } from "node:path";

const LONGEST_ADDRESS = 107;

export interface SocketAddress extends Disposable {
  readonly path: string;
}

/** The directory must exist. Dispose of it once the socket is connected, or closed where one listens. */
export function socketAddress(path: string): SocketAddress {
  if (Buffer.byteLength(path) <= LONGEST_ADDRESS) return { path, [Symbol.dispose]: () => {} };
  const fd = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${fd}/${basename(path)}`, [Symbol.dispose]: () => closeSync(fd) };
}
