/** pip's configuration as a whole: its options, where packages come from, and how those places are reached. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CopseError } from "#base";
import { userNetrc } from "../netrc.ts";
import { type PipEnvironment, readPipItems } from "./config-files.ts";
import { pipDefaultIndex } from "./default-index.ts";
import { expandUser, type PipOptions, readPipOptions } from "./options.ts";
import { PipRoutes } from "./routes.ts";
import { type LoginUrl, parseLoginUrl } from "./url.ts";

export interface LoadPipOptions {
  readonly env: PipEnvironment;
  readonly cacheDir: string;
  /** Stands for `/` where files of the machine are read. */
  readonly root?: string | undefined;
  /** Where relative paths begin. */
  readonly directory?: string | undefined;
  /** Addresses of indexes that are configured elsewhere, whose logins count too. */
  readonly addresses?: readonly LoginUrl[] | undefined;
  /** Where no pip is installed: what another one says of its default. Asked last. */
  readonly otherDefault?: (() => Promise<string | undefined>) | undefined;
}

export interface PipConfiguration {
  readonly options: PipOptions;
  readonly extraIndexes: readonly LoginUrl[];
  /** Pages or folders of files, one after the other. */
  readonly findLinks: readonly LoginUrl[];
  /** What of `find-links` is neither there nor a URL. */
  readonly missingLinks: readonly string[];
  readonly routes: PipRoutes;
  /** The index that is asked for everything; undefined with `no-index`. Throws `pip-no-index`. */
  mainIndex(): Promise<LoginUrl | undefined>;
}

/** Throws `pip-config-invalid`, `pip-config-value`, `pip-url-invalid`, `pip-keyring`. */
export function loadPipConfiguration(settings: LoadPipOptions): PipConfiguration {
  const { env, directory = process.cwd() } = settings;
  const options = readPipOptions(readPipItems(settings), "install", env);
  refuseKeyring(options);
  const place = (key: string) => `pip's setting ${key}`;
  const index =
    options.indexUrl === undefined ? undefined : indexAddress(options.indexUrl, place("index-url"));
  const extraIndexes = options.noIndex
    ? []
    : options.extraIndexUrls.map((url) => indexAddress(url, place("extra-index-url")));
  const links = options.findLinks.map((text) => linksAddress(text, { env, directory }));
  const findLinks = links.filter((link) => link !== undefined);
  const routes = new PipRoutes({
    options,
    env,
    netrc: userNetrc(env),
    addresses: [...(index ? [index] : []), ...extraIndexes, ...findLinks, ...(settings.addresses ?? [])],
  });
  let main: Promise<LoginUrl | undefined> | undefined;
  return {
    options,
    extraIndexes,
    findLinks,
    missingLinks: options.findLinks.filter((_, at) => links[at] === undefined),
    routes,
    mainIndex: () => {
      main ??= options.noIndex
        ? Promise.resolve(undefined)
        : index
          ? Promise.resolve(index)
          : defaultIndex(settings);
      return main;
    },
  };

  function indexAddress(text: string, where: string): LoginUrl {
    const local = existsSync(resolve(directory, text)) ? resolve(directory, text) : undefined;
    return local === undefined ? parseLoginUrl(text, where) : fileAddress(local);
  }
}

async function defaultIndex(settings: LoadPipOptions): Promise<LoginUrl> {
  let cause: CopseError | undefined;
  try {
    const url = pipDefaultIndex(settings) ?? (await settings.otherDefault?.());
    if (url !== undefined) return parseLoginUrl(url, "pip's default");
  } catch (error) {
    if (!(error instanceof CopseError)) throw error;
    cause = error;
  }
  const reason = cause ? ` (Debian's pip cannot be read either: ${cause.message})` : "";
  throw new CopseError(
    "pip-no-index",
    `No index of Python packages is configured, and no pip is installed that knows one${reason}`,
    {
      cause,
      hint: "name one: index-url in ~/.config/pip/pip.conf, PIP_INDEX_URL in the environment, or `pypi` below [sources] of copse.toml or config.toml",
    },
  );
}

/** A keyring would have to be run with every login; what it holds can stand in netrc. */
function refuseKeyring({ keyringProvider }: PipOptions): void {
  if (keyringProvider !== "import" && keyringProvider !== "subprocess") return;
  throw new CopseError(
    "pip-keyring",
    `Logins are not taken from a keyring: \`keyring-provider = ${keyringProvider}\``,
    {
      hint: "put the login into ~/.netrc or into the index's URL, and set PIP_KEYRING_PROVIDER=disabled for copse",
    },
  );
}

/** A path, `~` understood, or a URL; undefined for what pip, too, passes over with a warning. */
function linksAddress(
  text: string,
  { env, directory }: { readonly env: PipEnvironment; readonly directory: string },
): LoginUrl | undefined {
  const expanded = text.startsWith("~") && existsSync(expandUser(text, env)) ? expandUser(text, env) : text;
  const path = resolve(directory, expanded);
  if (existsSync(path)) return fileAddress(path);
  return /^(?:https?|file):/i.test(text) ? parseLoginUrl(text, "pip's setting find-links") : undefined;
}

function fileAddress(path: string): LoginUrl {
  return { url: pathToFileURL(path), login: undefined };
}
