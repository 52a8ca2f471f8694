/**
 * How pip reaches a host: proxy, certificates, time limits, and who it logs in as.
 *
 * A login is looked for in the URL itself, then in the index on the same host whose path is nearest, then in netrc.
 * One that stands in an https address is never sent over http, and none to another host.
 */
import { authorities } from "../authorities.ts";
import type { Route, TlsRoute } from "../http.ts";
import { type NetrcEntry, netrcLogin } from "../netrc.ts";
import { checkProxy, environmentProxy } from "../proxy.ts";
import type { PipEnvironment } from "./config-files.ts";
import type { PipOptions } from "./options.ts";
import { type LoginUrl, loginIn } from "./url.ts";

export interface PipRoutesOptions {
  readonly options: PipOptions;
  readonly env: PipEnvironment;
  readonly netrc: readonly NetrcEntry[];
  /** Indexes and pages of links, with their logins. */
  readonly addresses: readonly LoginUrl[];
}

export class PipRoutes {
  readonly #options: PipOptions;
  readonly #env: PipEnvironment;
  readonly #netrc: readonly NetrcEntry[];
  readonly #addresses: readonly LoginUrl[];
  readonly #authorities: Pick<TlsRoute, "caFile" | "extraCaFile">;

  constructor({ options, env, netrc, addresses }: PipRoutesOptions) {
    this.#options = options;
    this.#env = env;
    this.#netrc = netrc;
    this.#addresses = addresses;
    const { REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE } = env;
    // As with pip, the variables win over `cert`.
    this.#authorities = authorities([REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, options.cert, SSL_CERT_FILE]);
  }

  readonly routeFor = (url: URL): Route => {
    const { proxy, timeoutSeconds } = this.#options;
    return {
      proxy: proxy === undefined ? environmentProxy(url, this.#env) : checkProxy(proxy),
      login: this.loginFor(url),
      timeoutMs: timeoutSeconds * 1000,
      tls: url.protocol === "https:" ? this.#tls(url) : undefined,
    };
  };

  /** `login:password` for a URL. */
  loginFor(url: URL): string | undefined {
    const found = [loginIn(url), this.#nearestAddress(url)?.login].filter((login) => login !== undefined);
    const whole = found.find(({ password }) => password !== undefined);
    if (whole) return `${whole.username}:${whole.password}`;
    const ofHost = netrcLogin(this.#netrc, url.hostname);
    if (ofHost !== undefined) return ofHost;
    // A token may stand in the place of the name, and need no password.
    return found[0] && `${found[0].username}:`;
  }

  /** Whether plain http may be spoken to this host: the machine itself, and hosts that the user trusts. */
  isSecure(url: URL): boolean {
    return url.protocol !== "http:" || isLocal(url.hostname) || this.isTrusted(url);
  }

  isTrusted(url: URL): boolean {
    const port = url.port || (url.protocol === "https:" ? "443" : "80");
    return this.#options.trustedHosts.some((text) => {
      const trusted = URL.parse(`http://${text}`);
      if (!trusted || trusted.hostname !== url.hostname) return false;
      return !/:\d+$/.test(text) || (trusted.port || "80") === port;
    });
  }

  #nearestAddress(url: URL): LoginUrl | undefined {
    let best: { readonly address: LoginUrl; readonly depth: number } | undefined;
    for (const address of this.#addresses) {
      if (address.url.host !== url.host) continue;
      if (address.url.protocol === "https:" && url.protocol !== "https:") continue;
      const depth = commonPrefix(address.url.pathname, url.pathname).lastIndexOf("/");
      if (!best || depth > best.depth) best = { address, depth };
    }
    return best?.address;
  }

  #tls(url: URL): TlsRoute {
    const { clientCert } = this.#options;
    return {
      ...this.#authorities,
      certificateFile: clientCert,
      keyFile: clientCert,
      verifyPeer: !this.isTrusted(url),
    };
  }
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
