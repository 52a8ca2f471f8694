/** What names and texts in copse.toml look like. */
import { pythonsAtHand } from "#resolve/pythons";
import type { TextRule } from "../schema/shapes.ts";

export const projectName: TextRule = {
  pattern: "[A-Za-z0-9][A-Za-z0-9._-]*",
  what: "a name",
  hint: "a name is made of letters, digits and . _ -",
};

export const environmentName: TextRule = {
  pattern: "[A-Za-z][A-Za-z0-9_-]*",
  what: "a name of an environment",
  hint: "it begins with a letter, and is made of letters, digits, _ and -",
};

/** A task's name may be in groups: `data:fetch`. */
export const taskName: TextRule = {
  pattern: "[A-Za-z0-9][A-Za-z0-9._:-]*",
  what: "a name of a task",
  hint: "it is made of letters, digits and . _ : -",
};

export const plainName: TextRule = {
  pattern: "[A-Za-z0-9][A-Za-z0-9_-]*",
  what: "a name",
  hint: "a name is made of letters, digits, _ and -",
};

export const variableName: TextRule = {
  pattern: "[A-Za-z_][A-Za-z0-9_]*",
  what: "a variable's name",
  hint: "it is made of letters, digits and _, and does not begin with a digit",
};

export const debianName: TextRule = {
  pattern: "[a-z0-9][a-z0-9+.-]+",
  what: "a name of a Debian package",
  hint: "such names are in small letters: `libgl1`; Python's packages belong below [python]",
};

/** As packages are called on PyPI, in any spelling. */
export const pythonName: TextRule = {
  pattern: "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?",
  what: "a name of a Python package",
  hint: "the name alone: versions stand beside it",
};

export const pythonVersion: TextRule = {
  pattern: "3\\.(?:[89]|[1-9][0-9])(?:\\.[0-9]{1,2})?",
  what: "a version of CPython, from 3.8 on, such as 3.11",
  hint: `a series, "3.12", or a release, "3.12.4", neither free-threaded (3.13t) nor PyPy; without building there are ${pythonsAtHand()}`,
};

export const rName: TextRule = {
  pattern: "[A-Za-z][A-Za-z0-9.]*",
  what: "a name of an R package",
};

export const day: TextRule = {
  pattern: "[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:]{8}Z)?",
  what: "a date such as 2024-03-01",
};

/** It stands in the lock, and in the names of what is fetched. */
export const indexName: TextRule = {
  pattern: "[a-z0-9][a-z0-9.-]*",
  what: "a name of an index",
  hint: "such names are in small letters, with digits, . and -",
};

export const sha256: TextRule = {
  pattern: "[0-9a-f]{64}|sha256-[A-Za-z0-9+/]{43}=",
  what: "a SHA-256",
  hint: "64 hexadecimal digits, or sha256- and base64; `copse data add` works it out",
};

export const address: TextRule = {
  pattern: "(?:https?|file)://\\S+",
  accepts: (text) => URL.canParse(text),
  what: "an address",
  hint: "it begins with https://, http:// or file://",
};
