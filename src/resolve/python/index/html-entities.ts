/**
 * Character references in the attributes of HTML: `&gt;`, `&#62;`, `&#x3E;`.
 *
 * Of the two thousand names those of ASCII characters are known here, with which every generator of such pages makes
 * do; another name stays as it stands, which is also what browsers do with a name they do not know.
 */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
  ["excl", "!"],
  ["num", "#"],
  ["dollar", "$"],
  ["percnt", "%"],
  ["lpar", "("],
  ["rpar", ")"],
  ["ast", "*"],
  ["plus", "+"],
  ["comma", ","],
  ["period", "."],
  ["sol", "/"],
  ["colon", ":"],
  ["semi", ";"],
  ["equals", "="],
  ["quest", "?"],
  ["commat", "@"],
  ["lsqb", "["],
  ["bsol", "\\"],
  ["rsqb", "]"],
  ["Hat", "^"],
  ["lowbar", "_"],
  ["grave", "`"],
  ["lcub", "{"],
  ["verbar", "|"],
  ["rcub", "}"],
  ["Tab", "\t"],
  ["NewLine", "\n"],
  ["AMP", "&"],
  ["LT", "<"],
  ["GT", ">"],
  ["QUOT", '"'],
]);

/** These mean something without a semicolon too, unless they go on as a word or a query. */
const WITHOUT_SEMICOLON = /^(?:amp|lt|gt|quot|nbsp|AMP|LT|GT|QUOT)$/;

export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(
    /&(?:#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));?|([a-zA-Z]{2,31});|([a-zA-Z]{2,31})(?![\w=;]))/g,
    (whole, hex?: string, decimal?: string, name?: string, open?: string) => {
      if (name !== undefined) return NAMES.get(name) ?? whole;
      if (open !== undefined) return (WITHOUT_SEMICOLON.test(open) && NAMES.get(open)) || whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
      return isCharacter ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}
