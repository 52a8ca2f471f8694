/** Path literals are absolute from the start: against the directory of the file, or against home. */
import { type ByteString, CopseError, type Span, textFromByteString } from "#base";

/** Without `.`, `..`, doubled and trailing slashes; `..` at the root stays there. */
export function canonicalPath(path: ByteString): ByteString {
  const names: ByteString[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === "..") names.pop();
    else names.push(name);
  }
  return `/${names.join("/")}`;
}

/**
 * A path literal as written, or its first piece, made absolute. The trailing slash of a piece that goes on stays, as
 * Nix keeps it. Nix does not canonicalise `~/../a`; we do, because a path value has to be canonical.
 */
export function resolvePath(
  written: ByteString,
  anchor: "home" | "file",
  places: { readonly baseDir: ByteString; readonly home: ByteString | undefined },
  span: () => Span,
): ByteString {
  const slash = written.length > 1 && written.endsWith("/") ? "/" : "";
  if (anchor === "file") {
    const isAbsolute = written.startsWith("/");
    return canonicalPath(isAbsolute ? written : `${places.baseDir}/${written}`) + slash;
  }
  if (places.home === undefined) {
    const message = `the path '${textFromByteString(written)}' can not be resolved in pure mode`;
    throw new CopseError("impure-path", message, { span: span() });
  }
  return canonicalPath(places.home + written.slice(1)) + slash;
}
