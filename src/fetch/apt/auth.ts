/**
 * auth.conf: who to log in as at a host, in the tokens of netrc. apt_auth.conf(5).
 *
 * `machine [protocol://]host[:port][/path] login NAME password WORD`. Surprising: without a protocol an entry
 * serves https only, so that a password is not sent in the clear by a forgotten `http:` source; a path matches
 * as a plain prefix. What is read here is sent to its host and shown nowhere: no message names a value.
 */
export interface AptLogin {
  readonly protocol: string | undefined;
  readonly host: string;
  readonly port: string | undefined;
  readonly path: string;
  readonly login: string;
  readonly password: string;
}

export function parseAptAuth(text: string): AptLogin[] {
  const tokens = text
    .split("\n")
    .filter((line) => !line.trim().startsWith("#"))
    .join("\n")
    .split(/\s+/)
    .filter((token) => token !== "");
  const logins: AptLogin[] = [];
  let current: { machine: string; login: string; password: string } | undefined;
  const finish = () => {
    const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\[[^\]]*\]|[^:/]+)(?::(\d+))?(\/.*)?$/i.exec(
      current?.machine ?? "",
    );
    if (!current || !match) return;
    const [, protocol, host = "", port, path = ""] = match;
    const { login, password } = current;
    logins.push({ protocol: protocol?.toLowerCase(), host: host.toLowerCase(), port, path, login, password });
  };
  for (let i = 0; i < tokens.length; i++) {
    const next = tokens[i + 1] ?? "";
    switch (tokens[i]) {
      case "machine":
        finish();
        current = { machine: next, login: "", password: "" };
        i++;
        break;
      case "login":
        if (current) current.login = next;
        i++;
        break;
      case "password":
        if (current) current.password = next;
        i++;
        break;
    }
  }
  finish();
  return logins;
}

/** The first entry for a URL, as `login:password`. */
export function findAptLogin(logins: readonly AptLogin[], url: URL): string | undefined {
  const found = logins.find((entry) => {
    if (entry.host !== url.hostname.toLowerCase()) return false;
    if (entry.protocol === undefined ? url.protocol !== "https:" : `${entry.protocol}:` !== url.protocol)
      return false;
    if (entry.port !== undefined && entry.port !== (url.port || (url.protocol === "https:" ? "443" : "80")))
      return false;
    return entry.path === "" || url.pathname.startsWith(entry.path);
  });
  return found && `${found.login}:${found.password}`;
}
