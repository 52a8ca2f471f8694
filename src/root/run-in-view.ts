/**
 * Running a program of a root inside its view. How that is done is the sandbox's business; whoever calls this
 * folder hands it in.
 */
import { CopseError } from "#base";

export interface ViewBind {
  /** A directory of the host. */
  readonly source: string;
  /**
   * Where it appears. Either a directory that the view has, or one below `/copse`, which the runner makes.
   */
  readonly target: string;
  readonly isWritable: boolean;
}

export interface RunInViewOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly binds: readonly ViewBind[];
  readonly signal?: AbortSignal | undefined;
}

export interface RunInViewResult {
  /** The program's exit code; 128 and the signal's number where one ended it. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  /** For messages; may be cut. */
  readonly stderr: string;
}

/**
 * Runs `argv[0]`, an absolute path inside the view, with the view as `/`, without network, as this user or as
 * root of a user namespace.
 */
export type RunInView = (
  viewDir: string,
  argv: readonly string[],
  options: RunInViewOptions,
) => Promise<RunInViewResult>;

/** Below this directory programs in a view find what is bound for them. */
export const BIND_DIRECTORY = "/copse";

/** The environment of programs that make parts of a store path. */
export const BUILD_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/sbin:/usr/bin",
  HOME: "/nonexistent",
  LC_ALL: "C.UTF-8",
  TZ: "UTC",
  SOURCE_DATE_EPOCH: "1",
  PYTHONHASHSEED: "0",
  // update-mime-database would wait for the disk after each of its hundreds of files.
  PKGSYSTEM_ENABLE_FSYNC: "0",
};

export async function runOrThrow(
  runInView: RunInView,
  viewDir: string,
  call: { readonly argv: readonly string[] } & RunInViewOptions,
): Promise<RunInViewResult> {
  const { argv, ...options } = call;
  const result = await runInView(viewDir, argv, options);
  if (result.exitCode === 0) return result;
  const complaint = result.stderr.trim().split("\n").slice(-5).join("\n");
  throw new CopseError(
    "root-trigger-failed",
    `Program of a root ended with ${result.exitCode}: \`${argv.join(" ")}\``,
    {
      hint: complaint === "" ? undefined : complaint,
    },
  );
}
