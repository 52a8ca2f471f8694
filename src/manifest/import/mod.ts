/** `copse import`: files of pip, uv, poetry, pipenv, conda, renv and Docker as a copse.toml. */
export { type ImportKind, KIND_NAMES } from "./detect.ts";
export { type Finding, formatPlace } from "./findings.ts";
export { type ImportedFile, type ImportRequest, type ImportResult, importProject } from "./import.ts";
