/**
 * Programs of the root that stand in for others while maintainer scripts run. Owners cannot be given away in a
 * namespace with one user, and a store knows none; byte code has paths of its own.
 */
const NOTHING = "#!/bin/sh\nexit 0\n";

/** `install` without its options for owners; the real one is kept beside it. */
const INSTALL = `#!/bin/sh
real=/usr/bin/install.copse-real
count=$#
while [ "$count" -gt 0 ]; do
  word=$1
  shift
  count=$((count - 1))
  case $word in
    -o | -g | --owner | --group) shift; count=$((count - 1)); continue ;;
    -o?* | -g?* | --owner=* | --group=*) continue ;;
  esac
  set -- "$@" "$word"
done
exec "$real" "$@"
`;

export const REPLACED_PROGRAMS: Readonly<Record<string, string>> = {
  chown: NOTHING,
  chgrp: NOTHING,
  "dpkg-statoverride": NOTHING,
  install: INSTALL,
  py3compile: NOTHING,
  pycompile: NOTHING,
  py3clean: NOTHING,
};

/**
 * Programs of Debian's essential packages, which scripts call without depending on them, and a root may be without:
 * they stand in where they are missing. No service is known to a root.
 */
export const ADDED_PROGRAMS: Readonly<Record<string, string>> = {
  "deb-systemd-helper": NOTHING,
  "deb-systemd-invoke": NOTHING,
  "invoke-rc.d": NOTHING,
  "update-rc.d": NOTHING,
};
