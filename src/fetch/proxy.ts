/**
 * Which proxy stands between us and a URL: apt's own settings for what apt's sources name, else the
 * environment's `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, in either case of letters.
 */
import { CopseError } from "#base";
import type { AptConf } from "./apt/conf.ts";

type Environment = Readonly<Record<string, string | undefined>>;

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
 * apt's rules: `Acquire::<scheme>::Proxy::<host>`, then `Acquire::<scheme>::Proxy`, then the environment;
 * https falls back to http's settings; `DIRECT` means none.
 */
export function aptProxy(url: URL, conf: AptConf, env: Environment): string | undefined {
  const schemes = url.protocol === "https:" ? ["https", "http"] : ["http"];
  for (const scheme of schemes) {
    const own = conf.get(`Acquire::${scheme}::Proxy::${url.hostname}`);
    if (own) return own.toUpperCase() === "DIRECT" ? undefined : checkProxy(own);
  }
  if (isExempt(url, env["no_proxy"] || env["NO_PROXY"] || "")) return undefined;
  for (const scheme of schemes) {
    const general = conf.get(`Acquire::${scheme}::Proxy`);
    if (general) return general.toUpperCase() === "DIRECT" ? undefined : checkProxy(general);
  }
  return environmentProxy(url, env);
}

function checkProxy(value: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const scheme = URL.parse(text)?.protocol;
  if (scheme === "http:" || scheme === "https:") return text;
  // The value may hold a password: name the scheme alone.
  throw new CopseError(
    "proxy-unsupported",
    `Proxy is of a kind that copse cannot use: \`${scheme ?? "no URL"}\``,
    {
      hint: "http and https proxies can be used; set one, or DIRECT for this host, in apt's or the environment's settings",
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
