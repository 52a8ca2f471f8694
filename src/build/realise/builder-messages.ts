/**
 * What builders say to the program that runs them, among the lines that they print: `@nix ` and a JSON object with an
 * `action`, as Nixpkgs' setup says `{"action":"setPhase","phase":"buildPhase"}`. A builder is not trusted, so of all
 * actions only `msg` has an effect. What is not understood stays an ordinary line.
 */

const PREFIX = "@nix ";

export interface BuilderMessage {
  /** Whether the line has been dealt with, so that nobody needs to see it. */
  readonly isHandled: boolean;
  readonly message?: { readonly level: "note" | "warning" | "chatty"; readonly text: string };
}

const SOURCE = "the derivation builder";
/** Of Nix's levels of importance, the last that is shown without being asked for. */
const LEVEL_INFO = 3;

/** Undefined for an ordinary line. */
export function readBuilderMessage(line: string): BuilderMessage | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(line.slice(PREFIX.length));
  } catch (error) {
    return complaint(`bad JSON log message from ${SOURCE}: ${(error as Error).message}`);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) return unfit("it must be an object");
  const { action, level, msg } = json as Readonly<Record<string, unknown>>;
  if (typeof action !== "string") return unfit("'action' must be a string");
  if (action !== "msg") return { isHandled: true };
  if (typeof level !== "number" || typeof msg !== "string")
    return unfit("'level' must be a number and 'msg' a string");
  return { isHandled: true, message: { level: level > LEVEL_INFO ? "chatty" : "note", text: msg } };
}

function unfit(why: string): BuilderMessage {
  return complaint(`Unable to handle a JSON message from ${SOURCE}: ${why}`);
}

function complaint(text: string): BuilderMessage {
  return { isHandled: false, message: { level: "warning", text } };
}
