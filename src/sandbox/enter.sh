#!/bin/sh
# Runs a command inside a root, and becomes that command: no process stays in between, so its pid, signals,
# terminal and exit code are its own. Needs a POSIX shell and util-linux 2.36 (Debian 11), nothing else.
#
#   enter.sh [OPTION...] ROOT -- COMMAND [ARGUMENT...]
#
# ROOT is a view's directory, or the base name of a root's store path: then the view is looked for beside the
# store in which this script lies. Options:
#   --nix DIR        what is seen as /nix inside; without it the host's own /nix, if any
#   --path PATH      PATH of the command; without it the root's directories, then the caller's PATH
#   --passwd TABLE   what /etc/passwd says inside, --group TABLE /etc/group; without them, the root's own
#                    with the user's entry before it
#   --host NAMES     programs, separated by blanks, that inside still mean the host's
#
# Two stages. The first stands on the host and decides; it execs unshare, which execs the second one in the
# new mount namespace (entry.ts does the first one's work itself and starts there). That one lays out a
# tmpfs, moves into it and execs the command. Forks are what costs here, about a millisecond each: so
# everything that a builtin can do is done by one, and all mounts are made by one `mount -a` (with -c, which
# spares it comparing every entry with every mount).

fail() { # CODE MESSAGE [HINT]
  printf 'error[%s]: %s\n' "$1" "$2" >&2
  [ $# -lt 3 ] || printf ' hint: %s\n' "$3" >&2
  exit 125
}

# Sets uid, gid, mask and caps of this process, without a fork.
read_status() {
  uid='' gid='' mask=022 caps=0
  while read -r key value rest; do
    case $key in
      Umask:) mask=$value ;;
      Uid:) uid=$value ;;
      Gid:) gid=$value ;;
      CapEff:) caps=$value; break ;;
    esac
  done < /proc/self/status
}

# Names the kernel setting that will refuse us: once unshare is running it is too late to explain.
check_user_namespaces() {
  hint='run `copse doctor` for what an administrator can do'
  for check in max_user_namespaces:user/max_user_namespaces:0 \
    unprivileged_userns_clone:kernel/unprivileged_userns_clone:0; do
    file=/proc/sys/${check#*:} file=${file%:*} value=''
    if [ -r "$file" ] && read -r value < "$file" && [ "$value" = "${check##*:}" ]; then
      fail sandbox-user-namespaces "User namespaces are switched off on this machine: \`${check%%:*} = $value\`" "$hint"
    fi
  done
}

# On the host. Sets `view` and `nix` from the place of this script when ROOT is a bare name.
find_view() {
  case $root in
    /*) view=$root root=${root##*/} ;;
    *)
      back=$PWD
      cd -P -- "${0%/*}" 2> /dev/null || fail sandbox-root-missing "Cannot tell where the launcher lies: \`$0\`"
      while [ ! -d store ] || [ ! -d var ]; do
        [ "$PWD" != / ] || fail sandbox-root-missing "The launcher lies in no store: \`$0\`"
        cd ..
      done
      view=$PWD/var/copse/views/$root
      [ "$PWD" = /nix ] || nix=$PWD
      cd -- "$back" || cd /
      ;;
  esac
}

# As environment.ts says, where the reasons are: what by name leads programs to the host's libraries.
neutralise() {
  unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT GCONV_PATH LOCPATH NLSPATH PYTHONPATH PYTHONHOME \
    PYTHONEXECUTABLE PYTHONPLATLIBDIR PYTHONUSERBASE PYTHONPYCACHEPREFIX VIRTUAL_ENV CONDA_PREFIX \
    CONDA_DEFAULT_ENV CONDA_PYTHON_EXE CONDA_EXE R_HOME R_LIBS R_LIBS_SITE R_ENVIRON R_PROFILE PERL5LIB \
    PERLLIB PERL5OPT PERL_LOCAL_LIB_ROOT RUBYLIB RUBYOPT GEM_HOME GEM_PATH BUNDLE_GEMFILE NODE_PATH \
    NODE_OPTIONS LUA_PATH LUA_CPATH JULIA_LOAD_PATH OCTAVE_PATH TCLLIBPATH GUILE_LOAD_PATH \
    GUILE_LOAD_COMPILED_PATH CLASSPATH JAVA_HOME JAVA_TOOL_OPTIONS _JAVA_OPTIONS GTK_PATH GTK_MODULES \
    GTK_EXE_PREFIX GTK_DATA_PREFIX GTK_IM_MODULE_FILE GDK_PIXBUF_MODULE_FILE GDK_PIXBUF_MODULEDIR \
    GIO_MODULE_DIR GIO_EXTRA_MODULES GI_TYPELIB_PATH GSETTINGS_SCHEMA_DIR QT_PLUGIN_PATH \
    QT_QPA_PLATFORM_PLUGIN_PATH QML_IMPORT_PATH QML2_IMPORT_PATH GST_PLUGIN_PATH GST_PLUGIN_SYSTEM_PATH \
    LIBGL_DRIVERS_PATH VTK_DIR ITK_DIR CMAKE_PREFIX_PATH PKG_CONFIG_PATH PKG_CONFIG_LIBDIR CPATH \
    C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_RUN_PATH ACLOCAL_PATH MANPATH INFOPATH BASH_ENV \
    ENV TERMINFO
  export PYTHONNOUSERSITE=1 R_LIBS_USER=/nonexistent/R R_ENVIRON_USER=/dev/null
}

stage_one() {
  nix='' path="/usr/local/bin:/usr/bin:/bin:$PATH" passwd='' group='' host=''
  while :; do
    case ${1-} in
      --nix) nix=$2 ;;
      --path) path=$2 ;;
      --passwd) passwd=$2 ;;
      --group) group=$2 ;;
      --host) host=$2 ;;
      *) break ;;
    esac
    shift 2
  done
  [ $# -ge 3 ] && [ "$2" = -- ] || fail sandbox-usage 'Usage: enter.sh [OPTION...] ROOT -- COMMAND [ARGUMENT...]'
  root=$1
  shift 2

  # The file, not $COPSE_ROOT, says where we stand: variables travel to places where the root is not (ssh,
  # batch queues).
  here=''
  [ ! -r /.copse/root ] || read -r here < /.copse/root
  if [ "$here" = "${root##*/}" ]; then
    PATH=$path
    export PATH
    exec "$@"
  fi

  neutralise
  find_view
  [ -d "$view/usr" ] || fail sandbox-root-missing "There is no view of this root: \`$view\`"
  hostpath=$PATH
  PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
  export PATH
  read_status
  # Real root keeps its full powers inside. Everybody else, and root in a container that was given little,
  # gets a user namespace in which every id stays what it is.
  if [ "$uid" = 0 ] && [ $((0x$caps >> 21 & 1)) = 1 ]; then
    set -- --mount --propagation slave -- /bin/sh "$0" --inside root "$uid" "$gid" "$mask" \
      "$view" "$nix" "$path" "$passwd" "$group" "$host" "$hostpath" "$PWD" "$@"
  else
    check_user_namespaces
    set -- --user --map-current-user --keep-caps --mount --propagation slave -- /bin/sh "$0" --inside user \
      "$uid" "$gid" "$mask" "$view" "$nix" "$path" "$passwd" "$group" "$host" "$hostpath" "$PWD" "$@"
  fi
  exec unshare "$@"
}

# Sets `escaped`: $1 as a field of an fstab, in which blanks and backslashes are octal.
escape() {
  escaped=$1
  case $1 in
    *[\ \	\\]*) ;;
    *) return 0 ;;
  esac
  escaped='' left=$1
  while [ -n "$left" ]; do
    char=${left%"${left#?}"} left=${left#?}
    case $char in
      ' ') char='\040' ;;
      '	') char='\011' ;;
      \\) char='\134' ;;
    esac
    escaped=$escaped$char
  done
}

# Adds SOURCE, to be seen at /NAME with OPTIONS, to the fstab.
line() {
  escape "$1"
  fstab=$fstab$escaped
  escape "$2"
  fstab="$fstab $new/$escaped none $3 0 0
"
}

# What the new root holds: `fstab`, and `links`, the symbolic links to copy.
plan_top() {
  for entry in "$view"/*; do
    name=${entry##*/}
    if [ -L "$entry" ]; then
      # shellcheck disable=SC2089 # expanded by eval, with the names as positional parameters
      links="$links \"\$view/$name\"" taken="$taken$name "
    elif [ ! -d "$entry" ]; then
      continue
    elif [ "$name" = var ]; then
      taken="${taken}var "
      plan_var
    else
      case $name in
        usr | etc | bin | sbin | lib*) ;;
        # Mount points: the host's directory of this name goes before.
        *) [ ! -d "/$name" ] || continue ;;
      esac
      line "$entry" "$name" "$sealed" && taken="$taken$name "
    fi
  done
  for entry in /*; do
    name=${entry##*/}
    case " usr etc var lost+found nix $taken" in *" $name "*) continue ;; esac
    case $name in
      bin | sbin | lib | lib32 | lib64 | libx32) continue ;;
      *[!A-Za-z0-9._+-]*) [ ! -L "$entry" ] || continue ;;
    esac
    if [ -L "$entry" ]; then
      links="$links \"/$name\""
    elif [ -d "$entry" ]; then
      line "$entry" "$name" rbind,X-mount.mkdir
    fi
  done
  if [ -n "$nix" ]; then
    line "$nix" nix rbind,X-mount.mkdir
  elif [ -d /nix ]; then
    line /nix nix rbind,X-mount.mkdir
  fi
}

# /var is the root's, except for /var/tmp and for what only the host has (/var/scratch, /var/www, ...): then
# /var becomes a directory of mounts, since nothing can be added to a view.
plan_var() {
  extra=''
  for entry in /var/*; do
    name=${entry##*/}
    [ ! -d "$entry" ] || [ -e "$view/var/$name" ] || [ -L "$view/var/$name" ] || extra=1
  done
  if [ -z "$extra" ]; then
    line "$view/var" var "$sealed"
    [ ! -d "$view/var/tmp" ] || [ ! -d /var/tmp ] || line /var/tmp var/tmp rbind
    return 0
  fi
  extravar=1
  for entry in "$view"/var/*; do
    name=${entry##*/}
    if [ -L "$entry" ]; then
      case $name in *[!A-Za-z0-9._+-]*) ;; *) varlinks="$varlinks \"\$view/var/$name\"" ;; esac
    elif [ -d "$entry" ] && [ "$name" != tmp ]; then
      line "$entry" "var/$name" "$sealed"
    fi
  done
  for entry in /var/*; do
    name=${entry##*/}
    [ ! -d "$entry" ] || [ -L "$entry" ] || {
      [ "$name" != tmp ] && { [ -e "$view/var/$name" ] || [ -L "$view/var/$name" ]; }
    } || line "$entry" "var/$name" rbind,X-mount.mkdir
  done
}

# /etc is the root's, except for what names this machine and this user. A mount point must be an ordinary
# file: a link would lead the mount out of the new root.
plan_etc() {
  for name in resolv.conf hosts hostname localtime timezone machine-id; do
    if [ -f "/etc/$name" ] && [ -f "$view/etc/$name" ] && [ ! -L "$view/etc/$name" ]; then
      line "/etc/$name" "etc/$name" bind,ro,nosuid,nodev,noexec
    fi
  done
  for name in passwd group; do
    if [ -f "$view/etc/$name" ] && [ ! -L "$view/etc/$name" ]; then
      line "$new/.copse/$name" "etc/$name" bind,ro,nosuid,nodev,noexec
    fi
  done
}

# Prints the root's own table FILE with the user's ENTRY before it and without others of that name or id.
merge_accounts() { # FILE ENTRY
  name=${2%%:*} id=${2#*:*:} id=${id%%:*}
  printf '%s\n' "$2"
  while IFS= read -r text; do
    rest=${text#*:*:}
    [ "${text%%:*}" = "$name" ] || [ "${rest%%:*}" = "$id" ] || printf '%s\n' "$text"
  done < "$1"
}

write_accounts() {
  if [ -n "$passwd" ]; then
    printf '%s' "$passwd" > "$new/.copse/passwd"
  elif [ -f "$view/etc/passwd" ]; then
    entry=$(getent passwd "$uid" 2> /dev/null) || entry=${USER:-user}:x:$uid:$gid::${HOME:-/}:/bin/sh
    merge_accounts "$view/etc/passwd" "$entry" > "$new/.copse/passwd"
  fi
  if [ -n "$group" ]; then
    printf '%s' "$group" > "$new/.copse/group"
  elif [ -f "$view/etc/group" ]; then
    entry=$(getent group "$gid" 2> /dev/null) || entry=${USER:-user}:x:$gid:
    merge_accounts "$view/etc/group" "$entry" > "$new/.copse/group"
  fi
}

# A directory that exists on the host, that is not needed any more and that is not bound into the new root.
choose_mount_point() {
  for new in /usr/src /usr/games /usr/include /usr/share; do
    [ ! -d "$new" ] || [ -L "$new" ] || return 0
  done
  fail sandbox-mount-point 'The host has none of the directories on which a root can be laid out: `/usr/src`, ...'
}

mounts_failed() {
  [ -z "$log" ] || printf '%s\n' "$log" >&2
  fail sandbox-mount "Cannot lay out the root: \`$view\`" 'run `copse doctor` to see what this machine allows'
}

stage_two() {
  kind=$1 uid=$2 gid=$3 mask=$4 view=$5 nix=$6 path=$7 passwd=$8 group=$9
  shift 9
  host=$1 hostpath=$2 cwd=$3 before=${OLDPWD-}
  shift 3
  # Whatever is sealed is read-only for root too. The other options are there because flags that the source
  # has already (a home that is nosuid, nodev) may not be dropped by a remount in a user namespace.
  sealed=bind,ro,nosuid,nodev,X-mount.mkdir
  umask 022
  choose_mount_point
  fstab='' links='' varlinks='' taken=' ' log='' extravar=''
  plan_top
  plan_etc
  mount -t tmpfs -o mode=755 tmpfs "$new" || mounts_failed
  # A view brings an empty directory `.copse`, which one cp makes together with the links.
  [ -d "$view/.copse" ] && links="$links \"\$view/.copse\"" || mkdir "$new/.copse"
  [ -z "$extravar" ] || mkdir "$new/var"
  eval "[ -z \"\$links\" ] || cp -RP $links \"\$new/\"" || mounts_failed
  eval "[ -z \"\$varlinks\" ] || cp -P $varlinks \"\$new/var/\"" || mounts_failed
  printf '%s\n' "${view##*/}" > "$new/.copse/root"
  write_accounts
  [ -z "$host" ] || write_host_programs
  printf '%snone %s none remount,ro 0 0\n' "$fstab" "$new" > "$new/.copse/fstab"
  # What one directory of the host refuses must not keep the user out, so the exit code is not enough: a root
  # is laid out when its /usr is there. Not on the terminal: mount has hints about the host's own fstab.
  log=$(mount -a -c -T "$new/.copse/fstab" 2>&1)
  [ -d "$new/usr/bin" ] || mounts_failed
  move_in
  become "$@"
}

# pivot_root, not chroot: in a chroot no user namespace can be made. From the moment of the pivot, programs
# are the new root's. If it has no umount (unlike util-linux, `mount` is not Essential), the host's runs with
# the old root as its root, and unmounts that. Without -n, run by a user, umount would look into
# /etc/fstab first and give up where there is none.
move_in() {
  cd "$new" || mounts_failed
  if [ -n "$host" ]; then
    pivot_root . .copse/host || fail sandbox-pivot "Cannot change the root directory: \`$view\`"
  else
    pivot_root . .copse || fail sandbox-pivot "Cannot change the root directory: \`$view\`"
    if [ -x /usr/bin/umount ]; then
      umount -n -l /.copse
    else
      unshare --root=/.copse umount -n -l /
    fi ||
      fail sandbox-pivot 'Cannot leave the old root' 'a root needs the package `util-linux`'
  fi
  cd -- "$cwd" 2> /dev/null || {
    cd /
    printf 'warning: This directory does not exist inside the root: `%s`\n' "$cwd" >&2
  }
  # `cd` has set OLDPWD; the command gets the caller's. If it was not in the environment, nor is it now.
  if [ -n "$before" ]; then OLDPWD=$before; else unset OLDPWD; fi
}

# The old root stays, at a place that only these programs know: each is a copy of host-program.sh, which
# execs the host's program of its own name there.
write_host_programs() {
  mkdir "$new/.copse/host" "$new/.copse/bin" || mounts_failed
  printf '%s\n' "$hostpath" > "$new/.copse/host-path"
  for name in $host; do
    cp "${0%/*}/host-program.sh" "$new/.copse/bin/$name" && chmod 755 "$new/.copse/bin/$name" || mounts_failed
  done
  path=/.copse/bin:$path
}

become() {
  umask "$mask"
  PATH=$path COPSE_ROOT=${view##*/}
  export PATH COPSE_ROOT
  command -v -- "$1" > /dev/null || {
    printf 'error[command-not-found]: There is no such command in the environment: `%s`\n' "$1" >&2
    exit 127
  }
  [ "$kind" = user ] && [ "$uid" != 0 ] || exec "$@"
  exec /usr/bin/setpriv --ambient-caps=-all --inh-caps=-all -- "$@"
}

if [ "${1-}" = --inside ]; then
  shift
  stage_two "$@"
else
  stage_one "$@"
fi
