#!/bin/sh
# Configures packages in a private copy of a root, which is `/` here. Runs as user 0 of a namespace that knows no
# other user, without network.
#
#   configure.sh overlay|copy PACKAGE...
#
# With `overlay` the root is sealed, and gets writable layers first: the exit code 77 says that there can be none here.
# The packages are those whose `preinst` must run before. Beside this script, in /copse/configure, stand the programs
# that are put in the place of the root's: `replaced/`, and `clock.so`, of which fixed-clock.ts tells.
set -eu
# One stream, in order.
exec >&2
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true DEBCONF_NOWARNINGS=yes UCF_FORCE_CONFFNEW=1

kind=$1
shift
layers=/copse/layers
if [ "$kind" = overlay ]; then
  for top in "$layers"/upper/*; do
    name=${top##*/}
    mount -t overlay -o "lowerdir=/$name,upperdir=$top,workdir=$layers/work/$name,userxattr" overlay "/$name" \
      2>/dev/null || exit 77
  done
fi

# dpkg and debconf wait for the disk after each of their many small writes. What is not kept anyway needs no disk.
keep=/tmp/copse-books
mkdir "$keep"
for directory in /var/lib/dpkg /var/cache/debconf; do
  [ -d "$directory" ] || continue
  cp -a "$directory/." "$keep/"
  if mount -t tmpfs -o mode=755 tmpfs "$directory" 2>/dev/null; then cp -a "$keep/." "$directory/"; fi
  rm -rf "$keep"
  mkdir "$keep"
done

# Owners and modes of the machine mean nothing in a store, and other users cannot be given files here.
for program in /copse/configure/replaced/*; do
  cp "$program" "/usr/bin/${program##*/}.copse-new"
  chmod 0755 "/usr/bin/${program##*/}.copse-new"
done
if [ -e /usr/bin/install ]; then mv /usr/bin/install /usr/bin/install.copse-real; fi
for program in /copse/configure/replaced/*; do
  mv -f "/usr/bin/${program##*/}.copse-new" "/usr/bin/${program##*/}"
done
# No service starts: policy-rc.d(8) as invoke-rc.d asks it.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d

if [ -e /copse/configure/clock.so ]; then export LD_PRELOAD=/copse/configure/clock.so; fi
for package; do
  base=/var/lib/dpkg/info/$package
  DPKG_MAINTSCRIPT_PACKAGE=${package%%:*} DPKG_MAINTSCRIPT_NAME=preinst DPKG_MAINTSCRIPT_ARCH=$(dpkg --print-architecture) \
    DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1 DPKG_ROOT='' DPKG_ADMINDIR=/var/lib/dpkg "$base.preinst" install || {
    code=$?
    echo "copse: $package preinst $code"
    exit 1
  }
done
# Addresses that differ from run to run find their way into the order of hash tables, and with them into files.
# Where the kernel does not let this be switched off, such files differ.
fixed=
if setarch --addr-no-randomize true 2>/dev/null; then fixed="setarch --addr-no-randomize"; fi
# shellcheck disable=SC2086
$fixed dpkg --force-unsafe-io,bad-path,depends,confnew,confmiss --no-pager --configure --pending
unset LD_PRELOAD
# Libraries may have come to new places.
ldconfig -X
# Of the books, the choices among alternatives are kept: they go back to where they lasted.
if mountpoint -q /var/lib/dpkg; then
  cp -a /var/lib/dpkg/alternatives "$keep/"
  umount /var/lib/dpkg
  rm -rf /var/lib/dpkg/alternatives
  cp -a "$keep/alternatives" /var/lib/dpkg/
fi

# All that is to be seen where a layer is: what is missing there, scripts removed.
if [ "$kind" = overlay ]; then
  cd "$layers/upper"
  find . -mindepth 1 -type d -printf '/%P\0' |
    xargs -0 -r sh -c 'find "$@" -mindepth 1 -maxdepth 1 -print0' sh >"$layers/present"
fi
