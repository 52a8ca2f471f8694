/** For tests: pip's own reading of its configuration, many cases in one process. */
import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import type { PipEnvironment } from "../config-files.ts";

export interface PipAnswer {
  /** `section.key` to value, as `pip config list` shows it; undefined where pip refuses a file. */
  readonly items: readonly (readonly [string, string])[] | undefined;
  /** By pip's own names; undefined where pip refuses a value. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

const PROGRAM = `
import sys, os, json, io, contextlib
from pip._internal.commands import create_command
from pip._internal.configuration import Configuration
answers = []
machine, prefix = dict(os.environ), sys.prefix
for env in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(env)
    sys.prefix = env.get("VIRTUAL_ENV", prefix)
    answer = {"items": None, "options": None}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            configuration = Configuration(isolated=False)
            configuration.load()
            answer["items"] = list(configuration.items())
            options, _ = create_command("install").parser.parse_args([])
            names = ("index_url extra_index_urls no_index find_links trusted_hosts cert client_cert proxy timeout"
                     " retries pre prefer_binary constraints keyring_provider")
            values = {name: getattr(options, name) for name in names.split()}
            control = options.format_control
            values["no_binary"], values["only_binary"] = sorted(control.no_binary), sorted(control.only_binary)
            answer["options"] = values
        except (Exception, SystemExit):
            pass
    answers.append(answer)
json.dump(answers, sys.stdout)
`;

const SESSION = `
import sys, os, json, io, contextlib, logging
logging.disable(logging.CRITICAL)
from pip._internal.commands import create_command
answers = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(case["env"])
    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        try:
            command = create_command("install")
            options, _ = command.parser.parse_args([])
            session = command._build_session(options, retries=options.retries, timeout=options.timeout)
            session.auth.prompting = False
            answers.append(session.get(case["url"]).status_code)
        except Exception as error:
            answers.append(type(error).__name__)
json.dump(answers, sys.stdout)
`;

const probe = spawnSync("python3", ["-c", "import pip, pip._internal.commands"], { stdio: "ignore" });

/** For `skip`. */
export const noPip: string | false = probe.status === 0 ? false : "python3 with pip is not installed";

export function askPip(cases: readonly PipEnvironment[]): PipAnswer[] {
  const { status, stdout, stderr } = spawnSync("python3", ["-c", PROGRAM], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as PipAnswer[];
}

export interface SessionCase {
  readonly env: PipEnvironment;
  readonly url: string;
}

/** What pip's own connections come to: a status, or an error's name. Does not block: the servers are in this process. */
export async function askPipSessions(cases: readonly SessionCase[]): Promise<(number | string)[]> {
  const child = spawn("python3", ["-W", "ignore", "-c", SESSION], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify(cases));
  const [stdout, stderr, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on("close", resolve)),
  ]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as (number | string)[];
}
