/** What commands do with a top-level value: fill in its arguments, follow an attribute path. */
import { type ByteString, CopseError } from "#base";
import {
  Attrs,
  call,
  evalError,
  force,
  isList,
  Lambda,
  type Lazy,
  showType,
  suggest,
  typeError,
  type Value,
} from "./runtime/mod.ts";

/** Calls a function that has formals with those of `args` that it takes; other values are answered as they are. */
export function autoCall(value: Value, args: Attrs): Value {
  if (value instanceof Attrs) {
    const functor = value.get("__functor");
    return functor === undefined ? value : autoCall(call(force(functor), value), args);
  }
  if (!(value instanceof Lambda) || value.code.formals === undefined) return value;
  if (value.code.ellipsis) return call(value, args);
  const chosen: [ByteString, Lazy][] = [];
  for (const formal of value.code.formals) {
    const given = args.get(formal.name);
    if (given !== undefined) chosen.push([formal.name, given]);
    else if (!formal.optional) {
      throw evalError(
        "missing-argument",
        `cannot evaluate a function that has an argument without a value ('${formal.name}')`,
        {
          span: { source: value.code.source, start: formal.start, end: formal.start + formal.name.length },
          hint: "give it with --arg or --argstr, or give it a default",
        },
      );
    }
  }
  return call(value, Attrs.fromEntries(chosen));
}

export function selectPath(value: Value, path: ByteString, args: Attrs): Value {
  let current = value;
  for (const part of parseSelectionPath(path)) {
    current = autoCall(current, args);
    current = /^\d+$/.test(part) ? selectIndex(current, Number(part), path) : selectName(current, part, path);
  }
  return current;
}

function selectName(value: Value, name: ByteString, path: ByteString): Value {
  if (!(value instanceof Attrs)) {
    throw typeError(
      `the expression selected by the selection path '${path}' should be a set but is ${showType(value)}`,
    );
  }
  if (name === "") throw evalError("invalid-value", `empty attribute name in selection path '${path}'`);
  const found = value.get(name);
  if (found === undefined) {
    throw evalError("missing-attribute", `attribute '${name}' in selection path '${path}' not found`, {
      hint: suggest(name, value.names()),
    });
  }
  return force(found);
}

function selectIndex(value: Value, index: number, path: ByteString): Value {
  if (!isList(value)) {
    throw typeError(
      `the expression selected by the selection path '${path}' should be a list but is ${showType(value)}`,
    );
  }
  const found = value[index];
  if (found === undefined) {
    throw evalError("missing-attribute", `list index ${index} in selection path '${path}' is out of range`);
  }
  return force(found);
}

/** `a."b.c".d` in its parts. */
export function parseSelectionPath(path: ByteString): ByteString[] {
  const parts: ByteString[] = [];
  let part = "";
  for (let i = 0; i < path.length; i++) {
    if (path[i] === ".") {
      parts.push(part);
      part = "";
    } else if (path[i] === '"') {
      const end = path.indexOf('"', i + 1);
      if (end < 0) throw new CopseError("syntax-error", `missing closing quote in selection path '${path}'`);
      part += path.slice(i + 1, end);
      i = end;
    } else part += path[i];
  }
  if (part !== "") parts.push(part);
  return parts;
}
