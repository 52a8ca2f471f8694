/**
 * The collector's lock, `gc.lock` in the state directory: a collector holds it alone, whoever makes a temporary root
 * shares it for that moment. The protocol is C++ Nix's, so that both programs can build in one store while either
 * collects:
 *
 * - A collector takes the lock, listens on `gc-socket/socket`, and only then reads the roots there are.
 * - Who wants a new temporary root tries to share the lock. Got it: no collector is at work, and the next one will
 *   read the root from the file (see temp-roots.ts). Not got: it sends the path and a newline to the socket, and goes
 *   on when a byte `1` comes back. No answer: the collector has just ended, or does not listen yet; try again.
 */
import { closeSync, constants, openSync } from "node:fs";
import { fileError } from "#host";
import type { StorePlace } from "../place/store-place.ts";

export function gcSocketPath(place: StorePlace): string {
  return `${place.stateDir}/gc-socket/socket`;
}

export function gcLockFile(place: StorePlace): string {
  return `${place.stateDir}/gc.lock`;
}

/** Open but not locked yet. */
export function openGcLock(place: StorePlace): number {
  const file = gcLockFile(place);
  try {
    return openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Open and not locked yet; closing it gives up whatever lock it has. */
export class GcLock implements Disposable {
  readonly file: string;
  readonly fd: number;

  constructor(place: StorePlace) {
    this.file = gcLockFile(place);
    this.fd = openGcLock(place);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
