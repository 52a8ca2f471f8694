/** What copse.toml may say, as data for editors and for the handbook. */
import { manifestShape } from "../definition/manifest.ts";
import { type JsonSchema, jsonSchema } from "./json-schema.ts";
import { referenceTable } from "./reference.ts";

export type { JsonSchema } from "./json-schema.ts";

export function manifestSchema(): JsonSchema {
  return jsonSchema(manifestShape, "copse.toml");
}

export function manifestReference(): string {
  return referenceTable(manifestShape);
}
