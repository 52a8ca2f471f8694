/**
 * What maintainer scripts leave that does not belong to a root: logs, books, caches that hold times, what must be
 * different on every machine, and what stood in for programs while they ran.
 */
import type { ByteString } from "#base";
import { ADDED_PROGRAMS, REPLACED_PROGRAMS } from "./replaced-programs.ts";

const PASSING: readonly RegExp[] = [
  /^\/(?:boot|copse|dev|home|media|mnt|nix|proc|root|run|sys|tmp)(?:\/|$)/,
  /^\/var\/(?:log|tmp|run|lock|backups)(?:\/|$)/,
  /^\/var\/cache\/(?:debconf|ldconfig|man|apt)(?:\/|$)/,
  /^\/var\/lib\/(?:ucf|systemd|dbus|apt|urandom|pam)(?:\/|$)/,
  /^\/var\/lib\/dpkg\/(?!alternatives\/)/,
  // Of this machine alone, and secret.
  /^\/etc\/(?:machine-id|hostname|hosts|resolv\.conf|mtab|fstab)$/,
  /^\/etc\/ssh\/ssh_host_/,
  /^\/etc\/ssl\/(?:private\/|certs\/ssl-cert-snakeoil)/,
  /^\/etc\/(?:g?shadow|passwd|group|sub[ug]id)-$/,
  /^\/etc\/g?shadow$/,
  /\/__pycache__(?:\/|$)/,
  /\.(?:pyc|dpkg-(?:new|old|dist|tmp|bak)|ucf-(?:old|new|dist))$/,
  // TeX's programs write when they made a format.
  /^\/var\/lib\/texmf\/.*\.log$/,
  /^\/usr\/sbin\/policy-rc\.d$/,
  /^\/usr\/bin\/[^/]*\.copse-(?:new|real)$/,
];

const STAND_INS = new Set([...Object.keys(REPLACED_PROGRAMS), ...Object.keys(ADDED_PROGRAMS)]);

export function isPassing(path: ByteString): boolean {
  if (path.startsWith("/usr/bin/") && STAND_INS.has(path.slice(9))) return true;
  return PASSING.some((pattern) => pattern.test(path));
}
