/** For tests: an HTTP server on this machine that answers as it is told. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Loopback {
  readonly url: string;
  /** `GET /path` with the Range header, of each request so far. */
  readonly requests: { readonly method: string; readonly path: string; readonly range: string | undefined }[];
  close(): Promise<void>;
}

export async function serveLoopback(listener: RequestListener): Promise<Loopback> {
  const requests: Loopback["requests"] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? "", path: request.url ?? "", range: request.headers.range });
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
