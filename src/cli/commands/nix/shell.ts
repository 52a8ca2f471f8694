/** `nix shell`: a shell, or with -c a command, that finds the programs of the installables. */
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { CopseError } from "#base";
import { isStorePath, STORE_DIR, type StorePath, storePathOf } from "#format";
import type { Store } from "#store";
import type { Command } from "../../command.ts";
import { INSTALLABLE_OPTIONS, readInstallables, storePathsOf, wantedOf } from "../../installables.ts";
import { BUILD_OPTIONS } from "../../options.ts";
import { openSession } from "../../session.ts";
import { enterHost } from "../../shell/enter-host.ts";
import { callerVariables, VARIABLE_OPTIONS } from "../../shell/environment-options.ts";

export const command: Command = {
  name: "shell",
  summary: "start a shell in which packages are available",
  usage: "[OPTIONS] INSTALLABLE... [-c COMMAND ARGUMENT...]",
  completes: "installable",
  options: [
    ...INSTALLABLE_OPTIONS,
    ...BUILD_OPTIONS.filter(({ names }) => !names.includes("--keep-going")),
    ...VARIABLE_OPTIONS,
    {
      names: ["--command", "-c"],
      values: ["COMMAND"],
      takesRest: true,
      help: "run this, with all words that follow, instead of $SHELL",
    },
  ],
  async run(line, context) {
    const variables = callerVariables(line, context.env);
    const argv = line.all("--command").at(-1) ?? [context.env["SHELL"] ?? "bash"];
    const { place, folders } = await buildFolders();
    context.output.endProgress();
    const path = [...folders, ...(variables["PATH"] ? [variables["PATH"]] : [])].join(":");
    return enterHost(
      { store: place },
      {
        cwd: context.cwd,
        env: { ...variables, PATH: path },
        argv: argv as [string, ...string[]],
      },
    );

    async function buildFolders() {
      await using session = openSession(line, context);
      const installables = readInstallables(line, context, session);
      await session.realise(installables.flatMap(wantedOf));
      const paths = installables.flatMap((each) => storePathsOf(session.store, each));
      const all = withPropagated(session.store, paths);
      await session.prepareLaunchers(all);
      return { place: session.place, folders: all.map((each) => binFolder(session.store, each)) };
    }
  },
};

/** What a package says that its users need too comes with it. */
function withPropagated(store: Store, paths: readonly StorePath[]): StorePath[] {
  const done = new Set<StorePath>();
  const todo = [...paths];
  for (let path = todo.shift(); path !== undefined; path = todo.shift()) {
    if (done.has(path)) continue;
    done.add(path);
    const file = store.realPath(resolveLinks(store, `${path}/nix-support/propagated-user-env-packages`));
    if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    todo.push(...readFileSync(file, "utf8").split(/\s+/).filter(isStorePath));
  }
  return [...done];
}

function binFolder(store: Store, path: StorePath): string {
  const folder = resolveLinks(store, `${path}/bin`);
  if (storePathOf(folder) !== undefined) return folder;
  throw new CopseError("store-path-outside", `path '${folder}' is not in the Nix store`, {
    hint: `${path} leads out of ${STORE_DIR}`,
  });
}

const MAX_LINKS = 40;

/** A logical path with its links followed, in the store wherever that really lies. */
function resolveLinks(store: Store, path: string): string {
  let resolved = "";
  let links = 0;
  const parts = path.split("/").filter((part) => part !== "");
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    const next = join(resolved || "/", part);
    const real = store.realPath(next);
    if (!lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink() || links++ > MAX_LINKS) {
      resolved = next;
      continue;
    }
    const target = readlinkSync(real);
    const place = normalize(target.startsWith("/") ? target : join(dirname(next), target));
    parts.unshift(...place.split("/").filter((each) => each !== ""));
    resolved = "";
  }
  return resolved;
}
