/**
 * Manual pages, made from the same tables as the help texts, in man(7)'s macros of roff. In roff a line that begins with
 * a dot or an apostrophe is a request, a backslash begins an escape, and a bare `-` is a hyphen, not what is typed.
 */
import type { Command } from "../command.ts";
import { type CommandGroup, calledAs, shownOptions, spelling } from "../help.ts";

export interface ManualPage {
  /** Without folder: `copse-build.1`. */
  readonly fileName: string;
  readonly text: string;
}

/** The page of one command. */
export function commandPage(command: Command, programName: string, version: string): ManualPage {
  const called = calledAs(command, programName);
  const name = called.replaceAll(" ", "-");
  const options = shownOptions(command).flatMap((option) => [
    ".TP",
    `.B ${roff(spelling(option))}`,
    line(sentence(option.help)),
  ]);
  return page(name, version, [
    ".SH NAME",
    line(`${name} - ${command.summary}`),
    ".SH SYNOPSIS",
    `.B ${roff(called)}`,
    ...(command.usage === "" ? [] : [line(command.usage)]),
    ...(command.details ? [".SH DESCRIPTION", ...paragraphs(command.details)] : []),
    ".SH OPTIONS",
    ...options,
    ".SH SEE ALSO",
    ...(name === "copse" ? [] : [".BR copse (1)"]),
  ]);
}

/** The page that lists a program's commands. */
export function overviewPage(
  groups: readonly CommandGroup[],
  programName: string,
  version: string,
): ManualPage {
  const sections = groups.flatMap(({ title, commands }) => [
    `.SS ${roff(sentence(title).replace(/\.$/, ""))}`,
    ...commands.flatMap((command) => [
      ".TP",
      `.BR ${roff(calledAs(command, programName).replaceAll(" ", "-"))} (1)`,
      line(sentence(command.summary)),
    ]),
  ]);
  return page(programName, version, [
    ".SH NAME",
    line(`${programName} - environments that grow back identical`),
    ".SH SYNOPSIS",
    `.B ${roff(programName)}`,
    line("COMMAND [OPTIONS] [ARGUMENTS]"),
    ".SH COMMANDS",
    ...sections,
  ]);
}

function page(name: string, version: string, lines: readonly string[]): ManualPage {
  // No date: the same sources give the same pages.
  const head = `.TH ${roff(name).toUpperCase().replaceAll("\\-", "-")} 1 "" "copse ${version}" "copse"`;
  return { fileName: `${name}.1`, text: `${[head, ...lines].join("\n")}\n` };
}

/** Paragraphs as they are; lines that are indented are examples, and stay as they are broken. */
function paragraphs(text: string): string[] {
  const lines: string[] = [];
  let isExample = false;
  for (const each of text.trim().split("\n")) {
    const isIndented = each.startsWith("  ");
    if (isIndented !== isExample) lines.push(isIndented ? ".EX" : ".EE");
    isExample = isIndented;
    if (each === "") lines.push(".PP");
    else lines.push(line(isIndented ? each : each.trim()));
  }
  return isExample ? [...lines, ".EE"] : lines;
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.:)]$/.test(capital) ? capital : `${capital}.`;
}

function line(text: string): string {
  const escaped = roff(text);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-");
}
