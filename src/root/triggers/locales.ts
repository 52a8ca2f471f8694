/**
 * Locales by name, as people write them and `/etc/locale.gen` holds them: `de_DE.UTF-8`, or with the character set
 * beside it, `de_DE ISO-8859-1`, `de_DE@euro ISO-8859-15`.
 */
import { CopseError } from "#base";

export interface LocaleRequest {
  /** The definition, a file of `/usr/share/i18n/locales`. */
  readonly input: string;
  /** The character set: `UTF-8`. */
  readonly charmap: string;
  /** As `localedef` and the C library spell it on disk: `de_DE.utf8`. */
  readonly directory: string;
}

const LOCALE = /^([a-z]{2,3}(?:_[A-Z]{2})?)(?:\.([A-Za-z0-9-]+))?(@[a-z]+)?(?: +([A-Za-z0-9_-]+))?$/;

/** Throws "locale-invalid". */
export function parseLocale(line: string): LocaleRequest {
  const [, language, codeset, modifier = "", charmap] = LOCALE.exec(line.trim()) ?? [];
  if (language === undefined) {
    throw new CopseError("locale-invalid", `Locale is not spelled as one: \`${line}\``, {
      hint: "such as de_DE.UTF-8, or de_DE ISO-8859-1",
    });
  }
  const set = charmap ?? codeset ?? "UTF-8";
  const onDisk =
    codeset === undefined && charmap !== undefined && charmap !== "UTF-8" ? "" : `.${normalised(set)}`;
  return { input: `${language}${modifier}`, charmap: set, directory: `${language}${onDisk}${modifier}` };
}

/** The C library's own: letters in lower case, digits, nothing else. */
function normalised(codeset: string): string {
  return codeset.toLowerCase().replace(/[^a-z0-9]/g, "");
}
