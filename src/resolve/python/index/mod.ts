/** Where Python packages are to be had: indexes, pages of links, and the metadata of single files. */
export type { IndexOverrides, SimpleIndex } from "./index-list.ts";
export { type PythonLocatorOptions, pythonLocator } from "./locate.ts";
export type { SdistMetadata } from "./metadata-reader.ts";
export { type PipPreferences, withPipPreferences } from "./pip-preferences/preferences.ts";
export { type FileKind, fileKind, type ProjectFile } from "./project-file.ts";
export { type OpenPythonIndexOptions, openPythonIndex, type PythonIndex } from "./python-index.ts";
