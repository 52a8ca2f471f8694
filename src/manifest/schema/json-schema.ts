/** A shape as JSON schema (draft 7, which editors of TOML understand), so that they complete, explain and check. */
import { assertNever } from "#base";
import { type RecordShape, type Shape, shapeOf, type TableShape } from "./shapes.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

export function jsonSchema(shape: TableShape, title: string): JsonSchema {
  return { $schema: "http://json-schema.org/draft-07/schema#", title, ...schemaOf(shape) };
}

function schemaOf(shape: Shape): JsonSchema {
  const description = shape.doc;
  switch (shape.kind) {
    case "text":
      return {
        type: "string",
        description,
        ...(shape.rule && { pattern: `^(?:${shape.rule.pattern})$` }),
        ...(shape.choices && { enum: shape.choices }),
      };
    case "flag":
      return { type: "boolean", description };
    case "integer":
      return { type: "integer", description, minimum: shape.minimum, maximum: shape.maximum };
    case "list":
      return { type: "array", description, items: schemaOf(shape.item) };
    case "record":
      return recordSchema(shape);
    case "table":
      return tableSchema(shape);
    case "either":
      return { description, anyOf: shape.shapes.map(schemaOf) };
    default:
      return assertNever(shape);
  }
}

function recordSchema(shape: RecordShape): JsonSchema {
  return {
    type: "object",
    description: shape.doc,
    patternProperties: { [`^(?:${shape.name.pattern})$`]: schemaOf(shape.member) },
    additionalProperties: false,
  };
}

function tableSchema(shape: TableShape): JsonSchema {
  const properties = Object.entries(shape.fields).map(([name, field]) => [name, schemaOf(shapeOf(field))]);
  return {
    type: "object",
    description: shape.doc,
    properties: Object.fromEntries(properties),
    ...(shape.requires.size > 0 && { required: [...shape.requires] }),
    additionalProperties: false,
  };
}
