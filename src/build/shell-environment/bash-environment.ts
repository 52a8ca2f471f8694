/**
 * What a build's bash has prepared, as data: variables of all kinds, functions, structured attributes. It comes from
 * get-env.sh as JSON, and can be written as bash code that makes another shell the same.
 */
import { CopseError } from "#base";

export type BashValue =
  | { readonly type: "exported" | "var"; readonly value: string }
  | { readonly type: "array"; readonly value: readonly string[] }
  | { readonly type: "associative"; readonly value: Readonly<Record<string, string>> };

export interface BashEnvironment {
  readonly bashFunctions: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, BashValue>>;
  readonly structuredAttrs?: { readonly ".attrs.json": string; readonly ".attrs.sh": string };
}

/** Sorted by name; what bash cannot show as one of these kinds is left out. @throws CopseError `environment-invalid`. */
export function parseBashEnvironment(text: string): BashEnvironment {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CopseError(
      "environment-invalid",
      "The environment of a build is not the JSON that it should be",
      {
        cause,
      },
    );
  }
  const { bashFunctions = {}, variables = {}, structuredAttrs } = json as Partial<BashEnvironment>;
  return {
    bashFunctions: sorted(bashFunctions),
    variables: sorted(
      Object.fromEntries(
        Object.entries(variables).filter(([, { type }]) => KINDS.has(type)),
      ) as BashEnvironment["variables"],
    ),
    ...(structuredAttrs && { structuredAttrs }),
  };
}

const KINDS: ReadonlySet<string> = new Set(["exported", "var", "array", "associative"]);

function sorted<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Bash code that sets all variables but those of `ignore`, and defines the functions. */
export function formatBashCode(environment: BashEnvironment, ignore: ReadonlySet<string>): string {
  const lines: string[] = [];
  for (const [name, variable] of Object.entries(environment.variables)) {
    if (!ignore.has(name)) lines.push(...declaration(name, variable));
  }
  for (const [name, body] of Object.entries(environment.bashFunctions)) {
    lines.push(`${name} ()\n{\n${body}}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function declaration(name: string, variable: BashValue): string[] {
  switch (variable.type) {
    case "exported":
      return [`${name}=${quote(variable.value)}`, `export ${name}`];
    case "var":
      return [`${name}=${quote(variable.value)}`];
    case "array":
      return [`declare -a ${name}=(${variable.value.map((item) => `${quote(item)} `).join("")})`];
    case "associative": {
      const members = Object.entries(sorted(variable.value));
      return [
        `declare -A ${name}=(${members.map(([key, value]) => `[${quote(key)}]=${quote(value)} `).join("")})`,
      ];
    }
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The paths of the outputs by name, as the builder knew them. @throws CopseError `environment-invalid`. */
export function outputsOf({ variables }: BashEnvironment): Map<string, string> {
  const outputs = variables["outputs"];
  if (outputs === undefined)
    throw new CopseError("environment-invalid", "derivation does not have an 'outputs' attribute");
  if (outputs.type === "associative") return new Map(Object.entries(outputs.value));
  const names = outputs.type === "array" ? outputs.value : outputs.value.split(/\s+/).filter(Boolean);
  return new Map(
    names.flatMap((name): [string, string][] => {
      const path = variables[name];
      return path?.type === "exported" || path?.type === "var" ? [[name, path.value]] : [];
    }),
  );
}
