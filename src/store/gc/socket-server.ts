/**
 * The collector's ear: processes that make a temporary root while it works say so on a socket, and go on when it has
 * answered. See gc-lock.ts for the protocol.
 */
import { chmodSync, mkdirSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { CopseError } from "#base";
import { isStorePath, type StorePath } from "#format";
import { socketAddress } from "./socket-address.ts";

/** A path has at most some 300 bytes: who sends more without a newline speaks something else. */
const LONGEST_LINE = 4096;

/** Listens until disposed of. `onRoot` has kept the path when it returns. */
export async function listenForRoots(
  socketPath: string,
  onRoot: (path: StorePath) => void,
): Promise<AsyncDisposable> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    // A client that goes away in the middle has its root all the same.
    client.on("error", () => client.destroy());
    answerClient(client, onRoot);
  });
  mkdirSync(dirname(socketPath), { recursive: true });
  removeIfThere(socketPath);
  const address = socketAddress(socketPath);
  await listen(server, address.path);
  chmodSync(socketPath, 0o666);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      address[Symbol.dispose]();
    },
  };
}

function answerClient(client: Socket, onRoot: (path: StorePath) => void): void {
  let pending = "";
  client.setEncoding("latin1");
  client.on("data", (text: string) => {
    const lines = (pending + text).split("\n");
    pending = lines.pop()!;
    for (const line of lines) {
      if (isStorePath(line)) onRoot(line);
      client.write("1");
    }
    if (pending.length > LONGEST_LINE) client.destroy();
  });
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new CopseError("store-gc-socket", `Garbage collector cannot listen there: \`${socketPath}\``, {
          cause,
        }),
      ),
    );
    server.listen(socketPath, resolve);
  });
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
