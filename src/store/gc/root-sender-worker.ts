/** The thread that talks to a collector: see root-sender.ts. */
import { connect, type Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { ANSWER_ACKNOWLEDGED, ANSWER_NOBODY, type SendRequest } from "./send-request.ts";
import { type SocketAddress, socketAddress } from "./socket-address.ts";

const { socketPath, paths, answer } = workerData as SendRequest;
let acknowledged = 0;
const address = addressOf(socketPath);
if (address === undefined) finish(ANSWER_NOBODY);
else talk(connect(address.path));

function talk(socket: Socket): void {
  socket.on("connect", () => socket.write(paths.map((path) => `${path}\n`).join("")));
  socket.on("data", (bytes) => {
    acknowledged += bytes.length;
    if (acknowledged < paths.length) return;
    finish(ANSWER_ACKNOWLEDGED);
    socket.destroy();
  });
  // Refused, not there yet, or gone in the middle: all the same to the caller, who tries the lock again.
  socket.on("error", () => finish(ANSWER_NOBODY));
  socket.on("close", () => finish(ANSWER_NOBODY));
}

// A first collector makes the directory.
function addressOf(path: string): SocketAddress | undefined {
  try {
    return socketAddress(path);
  } catch {
    return undefined;
  }
}

function finish(value: number): void {
  Atomics.compareExchange(answer, 0, 0, value);
  Atomics.notify(answer, 0);
}
