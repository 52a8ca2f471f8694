/**
 * What is known of a project's services between commands: a folder for each project below the user's state directory,
 * in it NAME.json (which process it is) and NAME.log (what it has printed since it was started last).
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CopseError } from "#base";
import { identify, livingOf, type ProcessIdentity } from "./processes.ts";

export interface ServiceRecord extends ProcessIdentity {
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly isReady: boolean;
}

export class ServiceState {
  readonly folder: string;

  constructor(project: string, env: Readonly<Record<string, string | undefined>>) {
    const state = env["XDG_STATE_HOME"]?.startsWith("/")
      ? env["XDG_STATE_HOME"]
      : join(env["HOME"] || homedir(), ".local/state");
    const name = createHash("sha256").update(project).digest("hex").slice(0, 24);
    this.folder = join(state, "copse/services", name);
  }

  logFile(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  /** All that were started and not stopped, whether they live or not. */
  records(): ServiceRecord[] {
    try {
      return readdirSync(this.folder)
        .filter((file) => file.endsWith(".json"))
        .flatMap((file) => this.record(file.slice(0, -".json".length)) ?? []);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  /** Undefined for what is no record of this version. */
  record(name: string): ServiceRecord | undefined {
    try {
      const found = JSON.parse(readFileSync(this.#file(name), "utf8")) as Partial<ServiceRecord>;
      const isWhole =
        Number.isSafeInteger(found.pid) && (found.pid as number) > 1 && typeof found.startTime === "string";
      return isWhole ? ({ ...found, name } as ServiceRecord) : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT")
        return undefined;
      throw error;
    }
  }

  isRunning(name: string): boolean {
    const record = this.record(name);
    return record !== undefined && livingOf(record).length > 0;
  }

  save(record: ServiceRecord): void {
    const file = this.#file(record.name);
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  }

  forget(name: string): void {
    rmSync(this.#file(name), { force: true });
  }

  /** One command at a time starts and stops services of a project. @throws CopseError `services-busy`. */
  hold(): Disposable {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = join(this.folder, "held");
    const own = identify(process.pid) as ProcessIdentity;
    for (let attempt = 0; ; attempt++) {
      try {
        writeFileSync(file, JSON.stringify(own), { flag: "wx" });
        return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = holderOf(file);
      if (attempt > 0 || (holder && identify(holder.pid)?.startTime === holder.startTime)) {
        throw new CopseError(
          "services-busy",
          `Another copse starts or stops services of this project: \`${holder?.pid ?? "?"}\``,
          {
            hint: "try again when it is done",
          },
        );
      }
      rmSync(file, { force: true });
    }
  }

  #file(name: string): string {
    return join(this.folder, `${name}.json`);
  }
}

function holderOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
