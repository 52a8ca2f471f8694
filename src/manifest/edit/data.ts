/** Adding pinned data to copse.toml. */
import { CopseError } from "#base";
import type { Manifest } from "../manifest.ts";
import { editManifest, type TomlValue, tableAt } from "./edit-manifest.ts";

export interface NewData {
  readonly name: string;
  readonly url?: string;
  readonly path?: string;
  readonly sha256: string;
  readonly unpack?: boolean;
  readonly variable?: string;
}

/** @throws CopseError `data-exists` unless it may be replaced. */
export function addData(
  manifest: Manifest,
  data: NewData,
  { replace }: { readonly replace: boolean },
): Manifest {
  const { name, ...fields } = data;
  if (manifest.data.data?.has(name) && !replace) {
    throw new CopseError("data-exists", `copse.toml has data of this name already: \`${name}\``, {
      hint: "--force takes the new one in its place",
    });
  }
  return editManifest(
    manifest,
    (document) => {
      const table = tableAt(document, ["data", name]);
      for (const key of Object.keys(table)) delete table[key];
      for (const [key, value] of Object.entries(fields))
        if (value !== undefined) table[key] = value as TomlValue;
    },
    { table: ["data", name] },
  );
}
