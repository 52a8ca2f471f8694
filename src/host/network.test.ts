import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { isCopseError } from "#base";
import { type MemoryAnswer, MemoryNetwork } from "./memory-network.ts";
import { type Network, type NetworkRequest, readBody } from "./network.ts";
import { openNetwork } from "./open-network.ts";

const BIG = Buffer.alloc(300_000, "0123456789");

/** The same answers on both sides. `origin` is where the redirects to elsewhere go. */
function answer(
  path: string,
  request: Pick<NetworkRequest, "headers" | "method" | "body">,
  elsewhere: string,
): MemoryAnswer {
  switch (path) {
    case "/text":
      return { body: "grün", headers: { "content-type": "text/plain" } };
    case "/big":
      return { body: BIG };
    case "/moved":
      return { status: 302, headers: { location: "/text" } };
    case "/circle":
      return { status: 307, headers: { location: "/circle" } };
    case "/elsewhere":
      return { status: 302, headers: { location: `${elsewhere}/echo` } };
    case "/echo":
      return {
        body: `${request.method ?? "GET"} ${request.headers?.["authorization"] ?? "-"} ${request.body ?? ""}`,
      };
    case "/packed":
      return { body: gzipSync(BIG), headers: { "content-encoding": "gzip" } };
    default:
      return { status: 404, body: "Not found" };
  }
}

const PATHS = ["/text", "/big", "/moved", "/circle", "/elsewhere", "/echo", "/packed"];

function memoryNetwork(): Network {
  const routes = ["one", "two"].flatMap((host) =>
    PATHS.map((path) => [
      `http://${host}.test${path}`,
      (request: NetworkRequest) => answer(path, request, "http://two.test"),
    ]),
  );
  return new MemoryNetwork(Object.fromEntries(routes));
}

const servers: Server[] = [];
let nodeOrigin = "";

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function serve(request: IncomingMessage, response: ServerResponse, elsewhere: string): Promise<void> {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { authorization } = request.headers;
  const headers = authorization ? { authorization } : {};
  const result = answer(
    new URL(request.url!, "http://x").pathname,
    { headers, method: request.method as "GET", body },
    elsewhere,
  );
  const whole = Buffer.from((result.body ?? "") as string);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const part = range ? whole.subarray(Number(range[1]), range[2] ? Number(range[2]) + 1 : undefined) : whole;
  response.writeHead(range ? 206 : (result.status ?? 200), {
    ...result.headers,
    "content-length": part.length,
  });
  response.end(part);
}

before(async () => {
  const second = await listen(createServer((request, response) => void serve(request, response, "")));
  const elsewhere = `http://127.0.0.1:${second}`;
  nodeOrigin = `http://127.0.0.1:${await listen(createServer((request, response) => void serve(request, response, elsewhere)))}`;
});

after(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

function fails(code: string): (error: unknown) => boolean {
  return (error) => isCopseError(error, code);
}

const sides: [string, () => Network, () => string][] = [
  ["node", () => openNetwork(), () => nodeOrigin],
  ["memory", memoryNetwork, () => "http://one.test"],
];

for (const [side, open, originOf] of sides) {
  const check = (what: string, work: (network: Network, origin: string) => Promise<void>) =>
    test(`${side}: ${what}`, async () => {
      const network = open();
      try {
        await work(network, originOf());
      } finally {
        network.close();
      }
    });

  check("answers with status, headers, body", async (network, origin) => {
    const response = await network.request({ url: `${origin}/text` });
    assert.deepEqual([response.status, response.headers["content-type"]], [200, "text/plain"]);
    assert.equal((await readBody(response, 100)).toString(), "grün");
    const missing = await network.request({ url: `${origin}/nothing` });
    assert.equal(missing.status, 404);
    missing.cancel();
  });

  check("takes ranges, other methods, bodies", async (network, origin) => {
    const range = await network.request({ url: `${origin}/big`, range: { start: 11, end: 15 } });
    assert.deepEqual([range.status, (await readBody(range, 10)).toString()], [206, "1234"]);
    const tail = await network.request({ url: `${origin}/big`, range: { start: BIG.length - 3 } });
    assert.equal((await readBody(tail, 10)).toString(), "789");
    const head = await network.request({ url: `${origin}/big`, method: "HEAD" });
    assert.equal(head.headers["content-length"], String(BIG.length));
    assert.equal((await readBody(head, 10)).length, 0);
    const posted = await network.request({ url: `${origin}/echo`, method: "POST", body: "data" });
    assert.equal((await readBody(posted, 100)).toString(), "POST - data");
  });

  check("bounds bodies, packed ones as unpacked", async (network, origin) => {
    const whole = await network.request({ url: `${origin}/big`, maxBytes: BIG.length });
    assert.equal((await readBody(whole, BIG.length)).equals(BIG), true);
    const packed = await network.request({ url: `${origin}/packed`, compressed: true });
    assert.equal((await readBody(packed, BIG.length)).equals(BIG), true);
    for (const path of ["/big", "/packed"]) {
      const bounded = await network.request({
        url: origin + path,
        compressed: true,
        maxBytes: BIG.length - 1,
      });
      await assert.rejects(readBody(bounded, BIG.length), fails("response-too-large"));
    }
  });

  check("follows redirects, and says where it came to", async (network, origin) => {
    const response = await network.request({ url: `${origin}/moved` });
    assert.equal(response.url, `${origin}/text`);
    assert.equal((await readBody(response, 100)).toString(), "grün");
    await assert.rejects(network.request({ url: `${origin}/circle` }), fails("too-many-redirects"));
    const first = await network.request({ url: `${origin}/moved`, maxRedirects: 1 });
    assert.equal(first.status, 200);
    first.cancel();
    await assert.rejects(
      network.request({ url: `${origin}/moved`, maxRedirects: 0 }),
      fails("too-many-redirects"),
    );
  });

  check("credentials do not go to another host", async (network, origin) => {
    const headers = { authorization: "secret" };
    const kept = await network.request({ url: `${origin}/echo`, headers });
    assert.equal((await readBody(kept, 100)).toString(), "GET secret ");
    const lost = await network.request({ url: `${origin}/elsewhere`, headers });
    assert.equal((await readBody(lost, 100)).toString(), "GET - ");
  });

  check("has names for what goes wrong", async (network, origin) => {
    await assert.rejects(network.request({ url: "file:///etc/passwd" }), fails("url-invalid"));
    await assert.rejects(network.request({ url: "nonsense" }), fails("url-invalid"));
    await assert.rejects(network.request({ url: "http://127.0.0.1:1/x" }), fails("network-failed"));
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(network.request({ url: `${origin}/big`, signal }), /enough/);
  });
}

test("node: a server that falls silent is given up", async () => {
  const port = await listen(createServer(() => {}));
  const network = openNetwork();
  await assert.rejects(
    network.request({ url: `http://127.0.0.1:${port}/`, idleTimeoutMs: 50 }),
    fails("network-failed"),
  );
  network.close();
});

test("node: a body that ends early is an error", async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write("x");
    setTimeout(() => response.destroy(), 20);
  });
  const network = openNetwork();
  const response = await network.request({ url: `http://127.0.0.1:${await listen(server)}/` });
  await assert.rejects(readBody(response, 1000), fails("network-failed"));
  network.close();
});

/** A proxy that writes down what it is asked for. */
async function startProxy(seen: string[]): Promise<string> {
  const proxy = createServer((request, response) => {
    seen.push(request.url!);
    response.end("from the proxy");
  });
  proxy.on("connect", (request: IncomingMessage, client: Socket) => {
    seen.push(`CONNECT ${request.url}`);
    const [host, port] = request.url!.split(":");
    const server = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.pipe(server).pipe(client);
    });
    server.on("error", () => client.destroy());
    client.on("error", () => server.destroy());
  });
  return `http://127.0.0.1:${await listen(proxy)}`;
}

test("node: proxies, by argument and by environment, and who is exempt", async () => {
  const seen: string[] = [];
  const proxy = await startProxy(seen);
  const cases = [
    { settings: { proxy }, proxied: true },
    { settings: { env: { http_proxy: proxy } }, proxied: true },
    { settings: { env: { HTTP_PROXY: proxy } }, proxied: true },
    { settings: { env: { http_proxy: proxy, no_proxy: "127.0.0.1" } }, proxied: false },
    { settings: { env: { http_proxy: proxy }, proxy: "" }, proxied: false },
    { settings: {}, proxied: false },
  ];
  for (const { settings, proxied } of cases) {
    const network = openNetwork(settings);
    const response = await network.request({ url: `${nodeOrigin}/text` });
    const text = (await readBody(response, 100)).toString();
    assert.equal(text, proxied ? "from the proxy" : "grün", JSON.stringify(settings));
    network.close();
  }
  assert.equal(seen.length, 3);
});

test("node: https with an authority of one's own, directly and through a proxy", async () => {
  const directory = mkdtempSync(join(tmpdir(), "copse-tls-"));
  try {
    const [key, certificate] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const kind = [
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
    ];
    execFileSync("openssl", ["req", ...kind, ...subject, "-keyout", key, "-out", certificate], {
      stdio: "ignore",
    });
    const tls = { key: readFileSync(key), cert: readFileSync(certificate) };
    const port = await listen(createHttpsServer(tls, (_, response) => void response.end("secret")));
    const url = `https://127.0.0.1:${port}/`;
    const seen: string[] = [];
    const proxy = await startProxy(seen);
    for (const settings of [{ caFiles: [certificate] }, { caFiles: [certificate], proxy }]) {
      const network = openNetwork(settings);
      const response = await network.request({ url });
      assert.equal((await readBody(response, 100)).toString(), "secret");
      network.close();
    }
    assert.deepEqual(seen, [`CONNECT 127.0.0.1:${port}`]);
    const network = openNetwork();
    await assert.rejects(network.request({ url }), fails("network-failed"));
    network.close();
  } finally {
    rmSync(directory, { recursive: true });
  }
});
