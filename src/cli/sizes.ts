/** Sizes for people, as Nix writes them: `0.5 KiB`, `11.6 GiB`. */

const UNITS = ["K", "K", "M", "G", "T", "P", "E", "Z", "Y"] as const;

/** At least in KiB; 1024 of a unit stay in it. With `align`, right-justified for columns. */
export function renderSize(bytes: number, options: { readonly align?: boolean } = {}): string {
  let power = 0;
  for (let rest = Math.abs(bytes); rest > 1024 && power < UNITS.length - 1; rest = Math.floor(rest / 1024))
    power++;
  const text = (bytes / 1024 ** Math.max(1, power)).toFixed(1);
  return `${options.align ? text.padStart(6) : text} ${UNITS[power]}iB`;
}

const MULTIPLIERS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A number of bytes, with `K`, `M`, `G` or `T` behind or nothing; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ""] = /^(-?\d+)([KMGT]?)$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * (MULTIPLIERS[unit.toUpperCase()] ?? 1);
}
