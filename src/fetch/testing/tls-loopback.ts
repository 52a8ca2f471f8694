/** For tests: a TLS server and a proxy on this machine. */
import { createServer, request as httpRequest, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import type { Credentials } from "./certificates.ts";

export interface TlsLoopback {
  /** By the name `localhost`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export async function serveTls(
  credentials: Credentials,
  listener: RequestListener,
  /** Who clients must be certified by, where they must be at all. */
  clientAuthority?: string,
): Promise<TlsLoopback> {
  const server = createTlsServer(
    {
      ...{ cert: credentials.certificate, key: credentials.key },
      ...(clientAuthority !== undefined && {
        ca: clientAuthority,
        requestCert: true,
        rejectUnauthorized: true,
      }),
    },
    listener,
  );
  const close = closing(server);
  const port = await listen(server);
  return { url: `https://localhost:${port}`, port, close };
}

export interface ProxyLoopback {
  readonly url: string;
  /** `CONNECT host:port`, or `GET http://…`. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** Passes on what it is asked for; with a login, only to who has it. */
export async function serveProxy(login?: string): Promise<ProxyLoopback> {
  const seen: string[] = [];
  const isAllowed = (header: string | undefined) =>
    login === undefined || header === `Basic ${Buffer.from(login).toString("base64")}`;
  const onwards = new Set<Socket>();
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (!isAllowed(request.headers["proxy-authorization"])) {
      response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
      return;
    }
    const { host: _, "proxy-authorization": __, ...headers } = request.headers;
    const onward = httpRequest(request.url as string, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end()).end();
  });
  server.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on("error", () => {});
    if (!isAllowed(request.headers["proxy-authorization"])) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n");
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onwards.add(onward);
    onward.on("error", () => socket.destroy());
  });
  const close = closing(server);
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      for (const onward of onwards) onward.destroy();
      await close();
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** Also ends tunnels, which are connections of the server's no longer. */
function closing(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}
