/** A shape as a table of the handbook: every key with what it takes and what it is for. */
import { assertNever } from "#base";
import { type Shape, shapeOf, type TableShape } from "./shapes.ts";

interface Row {
  readonly key: string;
  readonly takes: string;
  readonly doc: string;
}

/** Markdown, a row for each key. What several keys take alike is described once, at the first. */
export function referenceTable(shape: TableShape): string {
  const described = new Set<Shape>();
  const rows = rowsOf(shape, "", described);
  const lines = rows.map(({ key, takes, doc }) => `| \`${key}\` | ${takes} | ${escapeCell(doc)} |`);
  return ["| key | takes | |", "|---|---|---|", ...lines, ""].join("\n");
}

function rowsOf(shape: Shape, path: string, described: Set<Shape>): Row[] {
  if (described.has(shape) && path !== "") return [];
  const isNew = !described.has(shape);
  described.add(shape);
  switch (shape.kind) {
    case "table":
      return Object.entries(shape.fields).flatMap(([name, field]) => {
        const inner = shapeOf(field);
        const key = path === "" ? name : `${path}.${name}`;
        const mark = field.kind === "required" ? ", needed" : "";
        return [
          { key, takes: takesOf(inner) + mark, doc: inner.doc },
          ...(isNew ? rowsOf(inner, key, described) : []),
        ];
      });
    case "record":
      return rowsOf(shape.member, `${path}.NAME`, described);
    case "list":
      return rowsOf(shape.item, `${path}[]`, described);
    case "either":
      return shape.shapes.flatMap((each) => rowsOf(each, path, described));
    case "text":
    case "flag":
    case "integer":
      return [];
    default:
      return assertNever(shape);
  }
}

function takesOf(shape: Shape): string {
  switch (shape.kind) {
    case "text":
      return shape.choices ? shape.choices.map((each) => `\`"${each}"\``).join(", ") : "text";
    case "flag":
      return "true, false";
    case "integer":
      return "number";
    case "list":
      return `list of ${takesOf(shape.item)}`;
    case "record":
      return `table of NAME = ${takesOf(shape.member)}`;
    case "table":
      return "table";
    case "either":
      return [...new Set(shape.shapes.map(takesOf))].join(" or ");
    default:
      return assertNever(shape);
  }
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
