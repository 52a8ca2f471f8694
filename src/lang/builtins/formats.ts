/** Values from other formats, and to them. */
import { addTrace, forceStringNoContext } from "../runtime/mod.ts";
import { defineFunctions } from "./define.ts";
import { parseJson } from "./json-parse.ts";
import { toJson } from "./json-print.ts";
import { parseToml } from "./toml.ts";
import { toXml } from "./xml.ts";

export const formatBuiltins = defineFunctions({
  fromJSON: {
    args: ["string"],
    doc: "The value of a JSON text.",
    run: (_, string) => {
      const text = forceStringNoContext(string);
      try {
        return parseJson(text);
      } catch (error) {
        addTrace(error, "while decoding a JSON string");
        throw error;
      }
    },
  },
  toJSON: {
    args: ["value"],
    doc: "A value as JSON. Paths are copied to the store; sets with `__toString` or `outPath` become strings; functions have no form in JSON.",
    run: toJson,
  },
  fromTOML: {
    args: ["string"],
    doc: "The value of a TOML text. Dates and times are not supported.",
    plain: true,
    run: (_, string) => parseToml(forceStringNoContext(string)),
  },
  toXML: {
    args: ["value"],
    doc: "A value as XML, in Nix's own vocabulary.",
    run: toXml,
  },
});
