#!/bin/sh
# Runs a command inside a root, and becomes that command: no process stays in between, so its pid, signals,
# terminal and exit code are its own. Needs a POSIX shell and util-linux 2.36 (Debian 11), nothing else.
#
#   enter.sh [OPTION...] ROOT -- COMMAND [ARGUMENT...]
#   enter.sh --host PROGRAM [ARGUMENT...]
#
# The second form stands inside a root, and becomes a program of the host in the host's own root: copse itself,
# sbatch, docker. From there other roots are entered, too.
#
# ROOT is a view's directory, or the base name of a root's store path: then the view is looked for beside the
# store in which this script lies. Options:
#   --nix DIR        what is seen as /nix inside; without it the host's own /nix, if any
#   --path PATH      PATH of the command; without it the root's directories, then the caller's PATH
#   --passwd TABLE   what /etc/passwd says inside, --group TABLE /etc/group; without them, the root's own
#                    with the user's entry before it
#
# Variables have names that no environment has: a caller's variable called `name` stays what it is.
#
# Two stages. The first stands on the host and decides; it execs unshare, which execs the second one in the
# new mount namespace (entry.ts does the first one's work itself and starts there). That one lays out a
# tmpfs, moves into it and execs the command. Forks are what costs here, about a millisecond each: so
# everything that a builtin can do is done by one, and all mounts are made by one `mount -a` (with -c, which
# spares it comparing every entry with every mount).
#
# The host's root stays, at /.copse/host, whose other files say how to get back there: enter.sh is this script,
# `path` the caller's PATH, `nix` what /nix is there.

fail() { # CODE MESSAGE [HINT]
  printf 'error[%s]: %s\n' "$1" "$2" >&2
  [ $# -lt 3 ] || printf ' hint: %s\n' "$3" >&2
  exit 125
}

# Sets uid, gid, mask and caps of this process, without a fork.
read_status() {
  c_uid='' c_gid='' c_mask=022 c_caps=0
  while read -r c_key c_value c_rest; do
    case $c_key in
      Umask:) c_mask=$c_value ;;
      Uid:) c_uid=$c_value ;;
      Gid:) c_gid=$c_value ;;
      CapEff:) c_caps=$c_value; break ;;
    esac
  done < /proc/self/status
}

# Names the kernel setting that will refuse us: once unshare is running it is too late to explain.
check_user_namespaces() {
  c_hint='run `copse doctor` for what an administrator can do'
  for c_check in max_user_namespaces:user/max_user_namespaces:0 \
    unprivileged_userns_clone:kernel/unprivileged_userns_clone:0; do
    c_file=/proc/sys/${c_check#*:} c_file=${c_file%:*} c_value=''
    if [ -r "$c_file" ] && read -r c_value < "$c_file" && [ "$c_value" = "${c_check##*:}" ]; then
      fail sandbox-user-namespaces "User namespaces are switched off on this machine: \`${c_check%%:*} = $c_value\`" "$c_hint"
    fi
  done
}

# On the host. Sets `view` and `nix` from the place of this script when ROOT is a bare name.
find_view() {
  case $c_root in
    /*) c_view=$c_root c_root=${c_root##*/} ;;
    *)
      c_back=$PWD
      cd -P -- "${0%/*}" 2> /dev/null || fail sandbox-root-missing "Cannot tell where the launcher lies: \`$0\`"
      while [ ! -d store ] || [ ! -d var ]; do
        [ "$PWD" != / ] || fail sandbox-root-missing "The launcher lies in no store: \`$0\`"
        cd ..
      done
      c_view=$PWD/var/copse/views/$c_root
      [ "$PWD" = /nix ] || c_nix=$PWD
      cd -- "$c_back" || cd /
      ;;
  esac
}

# On the host. A store that was copied, or whose views were collected, may have the root without its view: copse,
# found as $COPSE or on PATH, merges it again.
make_view() {
  c_store=${c_view%/var/copse/views/*} c_copse=${COPSE:-copse}
  c_how="run \`copse store view /nix/store/$c_root\`"
  case $c_store in
    /nix) ;;
    */nix) c_how="run \`COPSE_STORE=${c_store%/nix} copse store view /nix/store/$c_root\`" ;;
    *) c_copse='' ;;
  esac
  if [ -e "$c_store/store/$c_root/manifest" ] && command -v -- "$c_copse" > /dev/null; then
    (
      if [ "$c_store" = /nix ]; then unset COPSE_STORE; else export "COPSE_STORE=${c_store%/nix}"; fi
      exec "$c_copse" store view "/nix/store/$c_root"
    ) && [ -d "$c_view/usr" ] && return 0
  fi
  fail sandbox-root-missing "There is no view of this root: \`$c_view\`" "$c_how"
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
  c_nix='' c_path="/usr/local/bin:/usr/bin:/bin:$PATH" c_passwd='' c_group=''
  while :; do
    case ${1-} in
      --nix) c_nix=$2 ;;
      --path) c_path=$2 ;;
      --passwd) c_passwd=$2 ;;
      --group) c_group=$2 ;;
      *) break ;;
    esac
    shift 2
  done
  [ $# -ge 3 ] && [ "$2" = -- ] || fail sandbox-usage 'Usage: enter.sh [OPTION...] ROOT -- COMMAND [ARGUMENT...]'
  c_root=$1
  shift 2

  # The file, not $COPSE_ROOT, says where we stand: variables travel to places where the root is not (ssh,
  # batch queues).
  c_here=''
  [ ! -r /.copse/root ] || read -r c_here < /.copse/root
  if [ "$c_here" = "${c_root##*/}" ]; then
    PATH=$c_path
    export PATH
    exec "$@"
  fi
  [ -z "$c_here" ] || go_round "$@"

  neutralise
  find_view
  [ -d "$c_view/usr" ] || make_view
  c_hostpath=$PATH
  PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
  export PATH
  read_status
  # Real root keeps its full powers inside. Everybody else, and root in a container that was given little,
  # gets a user namespace in which every id stays what it is.
  if [ "$c_uid" = 0 ] && [ $((0x$c_caps >> 21 & 1)) = 1 ]; then
    set -- --mount --propagation slave -- /bin/sh "$0" --inside root "$c_uid" "$c_gid" "$c_mask" \
      "$c_view" "$c_nix" "$c_path" "$c_passwd" "$c_group" '' '' '' "$c_hostpath" "$PWD" "$@"
  else
    check_user_namespaces
    set -- --user --map-current-user --keep-caps --mount --propagation slave -- /bin/sh "$0" --inside user \
      "$c_uid" "$c_gid" "$c_mask" "$c_view" "$c_nix" "$c_path" "$c_passwd" "$c_group" '' '' '' "$c_hostpath" "$PWD" "$@"
  fi
  exec unshare "$@"
}

# Inside another root, a launcher goes back to the host and starts again there: this root may lack mount, and
# what it shows of the host is not the whole of it.
go_round() {
  c_self=$0 c_hostnix=/nix
  [ -d /.copse/host/usr ] || return 0
  [ ! -r /.copse/nix ] || read -r c_hostnix < /.copse/nix
  case $c_self in /nix/*) c_self=$c_hostnix${c_self#/nix} ;; esac
  case $c_root in /nix/*) c_root=$c_hostnix${c_root#/nix} ;; esac
  set -- --path "$c_path" "$c_root" -- "$@"
  [ -z "$c_group" ] || set -- --group "$c_group" "$@"
  [ -z "$c_passwd" ] || set -- --passwd "$c_passwd" "$@"
  [ -z "$c_nix" ] || set -- --nix "$c_nix" "$@"
  to_host /bin/sh "$c_self" "$@"
}

# Sets `escaped`: $1 as a field of an fstab, in which blanks and backslashes are octal.
escape() {
  c_escaped=$1
  case $1 in
    *[\ \	\\]*) ;;
    *) return 0 ;;
  esac
  c_escaped='' c_left=$1
  while [ -n "$c_left" ]; do
    c_char=${c_left%"${c_left#?}"} c_left=${c_left#?}
    case $c_char in
      ' ') c_char='\040' ;;
      '	') c_char='\011' ;;
      \\) c_char='\134' ;;
    esac
    c_escaped=$c_escaped$c_char
  done
}

# Adds SOURCE, to be seen at /NAME with OPTIONS, to the fstab.
line() {
  escape "$1"
  c_fstab=$c_fstab$c_escaped
  escape "$2"
  c_fstab="$c_fstab $c_new/$c_escaped none $3 0 0
"
}

# Shows the root's own directory NAME: sealed, or under a layer that takes what is written and is thrown away.
# The lower directory is relative, for mount runs in the view: so nothing in its path needs escaping.
root_directory() { # NAME
  case $c_layered$1 in
    1*[!A-Za-z0-9._+/-]* | [!1]*) line "$c_view/$1" "$1" "$c_sealed" ;;
    *)
      c_layer=$c_new/.copse/layer/$1
      c_layers="$c_layers $c_layer/upper $c_layer/work"
      c_fstab="${c_fstab}overlay $c_new/$1 overlay lowerdir=$1,upperdir=$c_layer/upper,workdir=$c_layer/work,X-mount.mkdir$c_xattr 0 0
"
      ;;
  esac
}

# What the new root holds: `fstab`, and `links`, the symbolic links to copy.
plan_top() {
  for c_entry in "$c_view"/*; do
    c_name=${c_entry##*/}
    if [ -L "$c_entry" ]; then
      # shellcheck disable=SC2089 # expanded by eval, with the names as positional parameters
      c_links="$c_links \"\$c_view/$c_name\"" c_taken="$c_taken$c_name "
    elif [ ! -d "$c_entry" ]; then
      continue
    elif [ "$c_name" = var ]; then
      c_taken="${c_taken}var "
      plan_var
    else
      case $c_name in
        usr | etc | bin | sbin | lib*) ;;
        # Mount points: the host's directory of this name goes before.
        *) [ ! -d "/$c_name" ] || continue ;;
      esac
      root_directory "$c_name" && c_taken="$c_taken$c_name "
    fi
  done
  for c_entry in /*; do
    c_name=${c_entry##*/}
    case " usr etc var lost+found nix $c_taken" in *" $c_name "*) continue ;; esac
    case $c_name in
      bin | sbin | lib | lib32 | lib64 | libx32) continue ;;
      *[!A-Za-z0-9._+-]*) [ ! -L "$c_entry" ] || continue ;;
    esac
    if [ -L "$c_entry" ]; then
      c_links="$c_links \"/$c_name\""
    elif [ -d "$c_entry" ]; then
      line "$c_entry" "$c_name" rbind,X-mount.mkdir
    fi
  done
  if [ -n "$c_nix" ]; then
    line "$c_nix" nix rbind,X-mount.mkdir
  elif [ -d /nix ]; then
    line /nix nix rbind,X-mount.mkdir
  fi
}

# /var is the root's, except for /var/tmp and for what only the host has (/var/scratch, /var/www, ...): then
# /var becomes a directory of mounts, since nothing can be added to a view.
plan_var() {
  c_extra=''
  for c_entry in /var/*; do
    c_name=${c_entry##*/}
    [ ! -d "$c_entry" ] || [ -e "$c_view/var/$c_name" ] || [ -L "$c_view/var/$c_name" ] || c_extra=1
  done
  if [ -z "$c_extra" ]; then
    root_directory var
    [ ! -d "$c_view/var/tmp" ] || [ ! -d /var/tmp ] || line /var/tmp var/tmp rbind
    return 0
  fi
  c_extravar=1
  for c_entry in "$c_view"/var/*; do
    c_name=${c_entry##*/}
    if [ -L "$c_entry" ]; then
      case $c_name in *[!A-Za-z0-9._+-]*) ;; *) c_varlinks="$c_varlinks \"\$c_view/var/$c_name\"" ;; esac
    elif [ -d "$c_entry" ] && [ "$c_name" != tmp ]; then
      root_directory "var/$c_name"
    fi
  done
  for c_entry in /var/*; do
    c_name=${c_entry##*/}
    [ ! -d "$c_entry" ] || [ -L "$c_entry" ] || {
      [ "$c_name" != tmp ] && { [ -e "$c_view/var/$c_name" ] || [ -L "$c_view/var/$c_name" ]; }
    } || line "$c_entry" "var/$c_name" rbind,X-mount.mkdir
  done
}

# /etc is the root's, except for what names this machine and this user. A mount point must be an ordinary
# file: a link would lead the mount out of the new root. Where /etc is layered these are copies, to be written to.
plan_etc() {
  [ -z "$c_layered" ] || return 0
  for c_name in resolv.conf hosts hostname localtime timezone machine-id; do
    if [ -f "/etc/$c_name" ] && [ -f "$c_view/etc/$c_name" ] && [ ! -L "$c_view/etc/$c_name" ]; then
      line "/etc/$c_name" "etc/$c_name" bind,ro,nosuid,nodev,noexec
    fi
  done
  [ -z "$c_tools" ] || plan_advice
  for c_name in passwd group; do
    if [ -f "$c_view/etc/$c_name" ] && [ ! -L "$c_view/etc/$c_name" ]; then
      line "$c_new/.copse/$c_name" "etc/$c_name" bind,ro,nosuid,nodev,noexec
    fi
  done
}

# The file by which pip learns, and says, that nothing is installed into a root from inside. R: see `become`.
plan_advice() {
  for c_entry in "$c_view"/usr/lib/python3*/EXTERNALLY-MANAGED; do
    [ ! -f "$c_entry" ] || line "$c_tools/EXTERNALLY-MANAGED" "${c_entry#"$c_view"/}" bind,ro,nosuid,nodev
  done
}

# Prints the root's own table FILE with the user's ENTRY before it and without others of that name or id.
merge_accounts() { # FILE ENTRY
  c_name=${2%%:*} c_id=${2#*:*:} c_id=${c_id%%:*}
  printf '%s\n' "$2"
  while IFS= read -r c_text; do
    c_rest=${c_text#*:*:}
    [ "${c_text%%:*}" = "$c_name" ] || [ "${c_rest%%:*}" = "$c_id" ] || printf '%s\n' "$c_text"
  done < "$1"
}

copy_etc() {
  for c_name in resolv.conf hosts hostname localtime timezone machine-id; do
    [ ! -f "/etc/$c_name" ] || cp "/etc/$c_name" "$c_new/.copse/layer/etc/upper/"
  done
  cp "$c_new/.copse/passwd" "$c_new/.copse/group" "$c_new/.copse/layer/etc/upper/"
}

prepare_layers() {
  mkdir "$c_new/.copse/layer" && mount -t tmpfs -o mode=755 tmpfs "$c_new/.copse/layer" || mounts_failed
  # shellcheck disable=SC2086 # names without blanks
  mkdir -p $c_layers || mounts_failed
  copy_etc
  # Not the view's own path, which may hold what an overlay's options cannot.
  cd -- "$c_view" || mounts_failed
}

write_accounts() {
  if [ -n "$c_passwd" ]; then
    printf '%s' "$c_passwd" > "$c_new/.copse/passwd"
  elif [ -f "$c_view/etc/passwd" ]; then
    c_entry=$(getent passwd "$c_uid" 2> /dev/null) || c_entry=${USER:-user}:x:$c_uid:$c_gid::${HOME:-/}:/bin/sh
    merge_accounts "$c_view/etc/passwd" "$c_entry" > "$c_new/.copse/passwd"
  fi
  if [ -n "$c_group" ]; then
    printf '%s' "$c_group" > "$c_new/.copse/group"
  elif [ -f "$c_view/etc/group" ]; then
    c_entry=$(getent group "$c_gid" 2> /dev/null) || c_entry=${USER:-user}:x:$c_gid:
    merge_accounts "$c_view/etc/group" "$c_entry" > "$c_new/.copse/group"
  fi
}

# A directory that exists on the host, that is not needed any more and that is not bound into the new root.
choose_mount_point() {
  for c_new in /usr/src /usr/games /usr/include /usr/share; do
    [ ! -d "$c_new" ] || [ -L "$c_new" ] || return 0
  done
  fail sandbox-mount-point 'The host has none of the directories on which a root can be laid out: `/usr/src`, ...'
}

mounts_failed() {
  [ -z "$c_log" ] || printf '%s\n' "$c_log" >&2
  [ -z "${1-}" ] || fail sandbox-overlay "Cannot lay a writable layer over the root: \`$c_view\`" \
    'an ordinary user needs Linux 5.11 and a root of their own store; without --writable it can be entered'
  fail sandbox-mount "Cannot lay out the root: \`$c_view\`" 'run `copse doctor` to see what this machine allows'
}

stage_two() {
  c_kind=$1 c_uid=$2 c_gid=$3 c_mask=$4 c_view=$5 c_nix=$6 c_path=$7 c_passwd=$8 c_group=$9
  shift 9
  c_tools=$1 c_names=$2 c_layered=$3 c_hostpath=$4 c_cwd=$5 c_before=${OLDPWD-}
  shift 5
  # Whatever is sealed is read-only for root too. The other options are there because flags that the source
  # has already (a home that is nosuid, nodev) may not be dropped by a remount in a user namespace.
  c_sealed=bind,ro,nosuid,nodev,X-mount.mkdir
  umask 022
  choose_mount_point
  c_fstab='' c_links='' c_varlinks='' c_taken=' ' c_log='' c_extravar='' c_layers='' c_xattr=''
  [ "$c_kind" = root ] || c_xattr=,userxattr
  plan_top
  plan_etc
  mount -t tmpfs -o mode=755 tmpfs "$c_new" || mounts_failed
  if [ -z "$c_extravar" ]; then c_var=''; else c_var=$c_new/var; fi
  mkdir -p "$c_new/.copse/host" ${c_var:+"$c_var"} || mounts_failed
  eval "[ -z \"\$c_links\" ] || cp -RP $c_links \"\$c_new/\"" || mounts_failed
  eval "[ -z \"\$c_varlinks\" ] || cp -P $c_varlinks \"\$c_new/var/\"" || mounts_failed
  printf '%s\n' "${c_view##*/}" > "$c_new/.copse/root"
  write_accounts
  write_way_back
  [ -z "$c_layered" ] || prepare_layers
  [ -n "$c_layered" ] || c_fstab="${c_fstab}none $c_new none remount,ro 0 0
"
  printf '%s' "$c_fstab" > "$c_new/.copse/fstab"
  # What one directory of the host refuses must not keep the user out, so the exit code is not enough: a root
  # is laid out when its /usr is there. Not on the terminal: mount has hints about the host's own fstab.
  c_log=$(mount -a -c -T "$c_new/.copse/fstab" 2>&1)
  [ -d "$c_new/usr/bin" ] || mounts_failed "$c_layered"
  move_in
  become "$@"
}

# pivot_root, not chroot: in a chroot no user namespace can be made. From here on programs are the new root's.
move_in() {
  cd "$c_new" || mounts_failed
  pivot_root . .copse/host || fail sandbox-pivot "Cannot change the root directory: \`$c_view\`"
  cd -- "$c_cwd" 2> /dev/null || {
    cd /
    printf 'warning: This directory does not exist inside the root: `%s`\n' "$c_cwd" >&2
  }
  # `cd` has set OLDPWD; the command gets the caller's. If it was not in the environment, nor is it now.
  if [ -n "$c_before" ]; then OLDPWD=$c_before; else unset OLDPWD; fi
}

# What `--host` reads. /.copse/tools and /.copse/names are where copse keeps the programs' names: those in
# `first` go before the root's own (sbatch), those in `last` after them (copse).
write_way_back() {
  printf '%s\n' "$c_hostpath" > "$c_new/.copse/path"
  printf '%s\n' "${c_nix:-/nix}" > "$c_new/.copse/nix"
  : > "$c_new/.copse/enter.sh"
  line "$0" .copse/enter.sh bind,ro,nosuid,nodev
  [ -n "$c_tools" ] || return 0
  line "$c_tools" .copse/tools bind,ro,nosuid,nodev,X-mount.mkdir
  [ -n "$c_names" ] || return 0
  line "$c_names" .copse/names bind,ro,nosuid,nodev,X-mount.mkdir
}

# Inside a root, becomes PROGRAM in the root of the host. Without mount(8), which a root need not have: the
# host's is run, with the host's root as its own.
to_host() { # PROGRAM [ARGUMENT...]
  [ -d /.copse/host/usr ] || fail sandbox-no-host "There is no way back to the host from here: \`$1\`"
  c_before=${OLDPWD-}
  read_status
  c_self=/.copse/enter.sh
  [ -r "$c_self" ] || c_self=$0
  set -- --mount --propagation slave -- /bin/sh "$c_self" --to-host "$c_uid" "$c_mask" "$PWD" "$c_before" "$@"
  [ $((0x$c_caps >> 21 & 1)) = 1 ] || set -- --user --map-current-user --keep-caps "$@"
  # The way leads through programs of this root, and then of the host: neither must load the other's libraries.
  unset LD_LIBRARY_PATH LD_PRELOAD LD_AUDIT COPSE_ROOT
  [ "${R_LIBS_USER-}" != /nonexistent/R ] || unset R_LIBS_USER
  [ "${R_ENVIRON_USER-}" != /dev/null ] || unset R_ENVIRON_USER
  [ "${R_PROFILE-}" != /.copse/tools/Rprofile.site ] || unset R_PROFILE
  [ "${PYTHONNOUSERSITE-}" != 1 ] || unset PYTHONNOUSERSITE
  # As host-files.ts has them.
  for c_name in SSL_CERT_FILE SSL_CERT_DIR NIX_SSL_CERT_FILE CURL_CA_BUNDLE REQUESTS_CA_BUNDLE GIT_SSL_CAINFO \
    PIP_CERT NODE_EXTRA_CA_CERTS AWS_CA_BUNDLE TZDIR; do
    eval "c_value=\${$c_name-}"
    case $c_value in /.copse/host/*) export "$c_name=${c_value#/.copse/host}" ;; esac
  done
  PATH=/usr/sbin:/usr/bin:/sbin:/bin
  export PATH
  exec unshare "$@"
}

# pivot_root to one and the same directory lays the old root over the new one: from there it is unmounted.
to_host_inside() {
  c_uid=$1 c_mask=$2 c_cwd=$3 c_before=$4
  shift 4
  umask 022
  read -r c_path < /.copse/path
  for c_new in /usr/src /usr/games /usr/include /usr/share ''; do
    [ ! -d "/.copse/host$c_new" ] || [ -L "/.copse/host$c_new" ] || break
  done
  unshare --root=/.copse/host mount -n --rbind / "$c_new" && cd "/.copse/host$c_new" && pivot_root . . &&
    umount -n -l / || fail sandbox-no-host "Cannot go back to the host: \`$1\`"
  cd -- "$c_cwd" 2> /dev/null || cd /
  if [ -n "$c_before" ]; then OLDPWD=$c_before; else unset OLDPWD; fi
  umask "$c_mask"
  PATH=$c_path
  export PATH
  command -v -- "$1" > /dev/null ||
    fail command-not-found "The host has no such program: \`$1\`"
  [ "$c_uid" != 0 ] || exec "$@"
  exec /usr/bin/setpriv --ambient-caps=-all --inh-caps=-all -- "$@"
}

become() {
  # bin/copse raises the limit for its own recursion; the command gets the caller's.
  if [ -n "${COPSE_STACK_LIMIT-}" ]; then
    ulimit -S -s "$COPSE_STACK_LIMIT" 2> /dev/null
    unset COPSE_STACK_LIMIT
  fi
  umask "$c_mask"
  PATH=$c_path COPSE_ROOT=${c_view##*/}
  export PATH COPSE_ROOT
  if [ -r /.copse/tools/Rprofile.site ] && [ -r /etc/R/Rprofile.site ] && [ -z "${R_PROFILE-}" ]; then
    export R_PROFILE=/.copse/tools/Rprofile.site
  fi
  command -v -- "$1" > /dev/null || {
    printf 'error[command-not-found]: There is no such command in the environment: `%s`\n' "$1" >&2
    exit 127
  }
  [ "$c_kind" = user ] && [ "$c_uid" != 0 ] || exec "$@"
  # A root's directories are nobody's to write to. In the layer the user may, as far as the files are theirs.
  c_keep=-all
  [ -z "$c_layered" ] || c_keep=-all,+chown,+dac_override,+dac_read_search,+fowner,+fsetid
  exec /usr/bin/setpriv "--inh-caps=$c_keep" "--ambient-caps=$c_keep" -- "$@"
}

case ${1-} in
  --inside)
    shift
    stage_two "$@"
    ;;
  --host)
    shift
    [ $# -ge 1 ] || fail sandbox-usage 'Usage: enter.sh --host PROGRAM [ARGUMENT...]'
    to_host "$@"
    ;;
  --to-host)
    shift
    to_host_inside "$@"
    ;;
  *) stage_one "$@" ;;
esac
