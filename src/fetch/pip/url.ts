/** URLs as pip's configuration has them: with logins in them, and to be shown without. */
import { CopseError } from "#base";

export interface Login {
  readonly username: string;
  readonly password: string | undefined;
}

/** A URL, parted from the login that stands in it. */
export interface LoginUrl {
  /** Without a login. */
  readonly url: URL;
  readonly login: Login | undefined;
}

/** Throws `pip-url-invalid`; `place` says where the URL is written. */
export function parseLoginUrl(text: string, place: string): LoginUrl {
  const url = URL.parse(text);
  if (!url || !["http:", "https:", "file:"].includes(url.protocol))
    throw new CopseError(
      "pip-url-invalid",
      `Address of an index is neither http, https nor file, in \`${place}\``,
    );
  const login = loginIn(url);
  url.username = "";
  url.password = "";
  return { url, login };
}

/** The login in a URL, percent signs undone. */
export function loginIn(url: URL): Login | undefined {
  if (url.username === "" && url.password === "") return undefined;
  return {
    username: unquote(url.username),
    // A name without a colon after it has no password: one may stand elsewhere.
    password: url.password === "" ? undefined : unquote(url.password),
  };
}

/** As Python's `unquote`: what is no escape stays as it is. */
function unquote(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
