/**
 * Which proxy stands between us and a URL: apt's own settings for what apt's sources name, else the
 * environment's `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in either case of letters.
 */
import { spawnSync } from "node:child_process";
import { CopseError } from "#base";
import type { AptConf } from "./apt/conf.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface AptProxySettings {
  readonly conf: AptConf;
  readonly env: Environment;
  /** Asks the program that `Proxy-Auto-Detect` names. */
  readonly detect?: ((program: string, url: URL) => string | undefined) | undefined;
}

/** The proxy's URL, or undefined for a direct connection. */
export function environmentProxy(url: URL, env: Environment): string | undefined {
  const scheme = url.protocol.slice(0, -1);
  const value =
    env[`${scheme}_proxy`] ||
    env[`${scheme.toUpperCase()}_PROXY`] ||
    env["all_proxy"] ||
    env["ALL_PROXY"] ||
    "";
  if (value === "" || isExempt(url, env["no_proxy"] || env["NO_PROXY"] || "")) return undefined;
  return checkProxy(value);
}

/**
 * apt's rules: `Acquire::<scheme>::Proxy::<host>`, then what `Proxy-Auto-Detect` finds, then
 * `Acquire::<scheme>::Proxy`, then the environment; https falls back to http's settings; `DIRECT` means none.
 */
export function aptProxy(url: URL, settings: AptProxySettings): string | undefined {
  const { conf, env, detect } = settings;
  const schemes = url.protocol === "https:" ? ["https", "http"] : ["http"];
  for (const scheme of schemes) {
    const own = conf.get(`Acquire::${scheme}::Proxy::${url.hostname}`);
    if (own) return own.toUpperCase() === "DIRECT" ? undefined : checkProxy(own);
  }
  if (isExempt(url, env["no_proxy"] || env["NO_PROXY"] || "")) return undefined;
  const program = firstSet(conf, schemes, ["Proxy-Auto-Detect", "ProxyAutoDetect"]);
  const detected = program && detect?.(program, url);
  if (detected) return detected.toUpperCase() === "DIRECT" ? undefined : checkProxy(detected);
  for (const scheme of schemes) {
    const general = conf.get(`Acquire::${scheme}::Proxy`);
    if (general) return general.toUpperCase() === "DIRECT" ? undefined : checkProxy(general);
  }
  return environmentProxy(url, env);
}

function firstSet(conf: AptConf, schemes: readonly string[], options: readonly string[]): string | undefined {
  const names = schemes.flatMap((scheme) => options.map((option) => `Acquire::${scheme}::${option}`));
  return names.map((name) => conf.get(name)).find((value) => value !== undefined && value !== "");
}

/**
 * The user's own program (`auto-apt-proxy`, say), asked with a host's URL; a line with the proxy, DIRECT, or
 * nothing. Its answers are kept: it may look around the network for a second.
 */
export class ProxyDetector {
  readonly #answers = new Map<string, string>();

  readonly detect = (program: string, url: URL): string | undefined => {
    const key = `${program} ${url.origin}`;
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      const options = { encoding: "utf8", timeout: 10_000, maxBuffer: 65_536 } as const;
      const run = spawnSync(program, [url.origin], { ...options, stdio: ["ignore", "pipe", "ignore"] });
      answer = run.status === 0 ? (run.stdout.split("\n")[0] ?? "").trim() : "";
      this.#answers.set(key, answer);
    }
    return answer === "" ? undefined : answer;
  };
}

/** With its scheme. Throws `proxy-unsupported`. */
export function checkProxy(value: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const scheme = URL.parse(text)?.protocol;
  if (scheme === "http:" || scheme === "https:") return text;
  // The value may hold a password: name the scheme alone.
  throw new CopseError(
    "proxy-unsupported",
    `Proxy is of a kind that copse cannot use: \`${scheme ?? "no URL"}\``,
    {
      hint: "http and https proxies can be used; set one, or DIRECT for this host, in apt's, pip's or the environment's settings",
    },
  );
}

function isExempt(url: URL, list: string): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (entryPort !== undefined && entryPort !== port) return false;
      const bare = name.replace(/^\*?\./, "");
      return host === bare || host.endsWith(`.${bare}`);
    });
}
