# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by ./run and the scripts beside this one: which packages each purpose needs, and
# how they get here. Expects $here, the top of the tree.
# shellcheck shell=bash

# --- Debian packages, by purpose ------------------------------------------
# "command:package" is satisfied by that command, wherever it comes from.
packages_build=(
  gcc libc6-dev meson:meson ninja:ninja-build pkg-config:pkgconf python3
  libglib2.0-dev libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  libgstreamer-plugins-bad1.0-dev libnice-dev libsoup-3.0-dev
  libjson-glib-dev
)
# What a broadcast needs at run time: capture, encoders, payloaders, webrtcbin.
packages_run=(
  gst-launch-1.0:gstreamer1.0-tools gstreamer1.0-plugins-base
  gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
  gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-nice
  gstreamer1.0-x fonts-dejavu-core ca-certificates
)
# Tools of the tests.
packages_tools=(
  libglib2.0-dev-bin gobject-introspection libgirepository1.0-dev gi-docgen valgrind:valgrind
  ip:iproute2 iptables:iptables conntrack:conntrack openssl:openssl indent:indent git:git
  python3-gi gir1.2-gstreamer-1.0
)
# Servers, viewers and other WebRTC stacks that the tests talk to.
packages_peers=(
  node:nodejs npm:npm chromium:chromium janus:janus turnserver:coturn
  dnsmasq:dnsmasq-base python3-aiortc python3-aiohttp ffmpeg:ffmpeg espeak-ng:espeak-ng
)
packages_clang=(clang:clang libclang-rt-dev)

# Daemons among them that Debian starts on installation: never on our account.
daemons='janus coturn'

say () { printf '%s\n' "run: $*" >&2; }
die () { say "$*"; exit 1; }
# What this machine cannot have is no failure of what is tested: Automake's number for
# "skipped".
not_here () { say "$*"; exit 77; }

# --- Installing -----------------------------------------------------------
# Prints those of the given entries that are not there, as package names.
missing_packages () {
  local entry names=() installed
  for entry; do
    case $entry in
      *:*) command -v "${entry%%:*}" >/dev/null 2>&1 || names+=("${entry#*:}") ;;
      *) names+=("$entry") ;;
    esac
  done
  [ ${#names[@]} -gt 0 ] || return 0
  installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' \
      "${names[@]}" 2>/dev/null | sed -n 's/ installed$//p') || true
  for entry in "${names[@]}"; do
    grep -qxF -e "$entry" <<<"$installed" || printf '%s\n' "$entry"
  done
}

# Leaves in as_root what a command needs before it to run as root.
become_root () {
  as_root=()
  [ "$(id -u)" != 0 ] || return 0
  as_root=(sudo)
  # Without a terminal nobody can type a password.
  command -v sudo >/dev/null 2>&1 \
      && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }; }
}

# Runs apt-get as root; waits, five minutes at most, for another one to end.
apt_get () {
  local deadline=$((SECONDS + 300)) said=
  while :; do
    if "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold \
        --no-install-recommends "$@" </dev/null >"$apt_log" 2>&1; then
      return 0
    fi
    grep -Eq 'Could not get lock|Unable to lock|Unable to acquire' "$apt_log" \
        || return 1
    [ $SECONDS -lt $deadline ] || return 1
    [ -n "$said" ] || say 'another package manager is at work, waiting for it'
    said=yes
    sleep 2
  done
}

mask_daemons () {
  local unit
  [ -d /run/systemd/system ] || return 0
  for unit in $daemons; do
    case " ${want[*]} " in
      *" $unit "*) "${as_root[@]}" systemctl "$@" "$unit.service" \
          >/dev/null 2>&1 || true ;;
    esac
  done
}

# need PURPOSE ENTRY…: leaves with all of them installed. Those of packages_tools and packages_peers
# that this release of Debian does not have are left out: their tests skip.
need () {
  local purpose=$1 want known name as_root apt_log
  shift
  if ! command -v dpkg-query >/dev/null 2>&1; then
    say 'not a Debian system: what is missing must be installed by hand' \
        '(the lists are in tests/support/prepare.sh)'
    return 0
  fi
  mapfile -t want < <(missing_packages "$@")
  [ ${#want[@]} -gt 0 ] || return 0

  if [ "${RCAST_INSTALL:-yes}" = no ]; then
    say "going on without: ${want[*]}"
    return 0
  fi
  if ! become_root; then
    say "to $purpose, packages are missing, and installing them needs root or" \
        'sudo. As root, once:'
    say "  apt-get install --no-install-recommends ${want[*]}"
    say 'or go on without them: RCAST_INSTALL=no ./run …'
    exit 77
  fi

  say "to $purpose, installing: ${want[*]}"
  apt_log=$(mktemp)
  mask_daemons mask
  # The lists are fetched only if they lack a package or are out of date.
  if ! apt_get install "${want[@]}"; then
    apt_get update || say "apt-get update: $(tail -n 1 "$apt_log")"
    known=()
    for name in "${want[@]}"; do
      if apt-cache show "$name" >/dev/null 2>&1 || ! is_optional "$name"; then
        known+=("$name")
      else
        say "no package $name here: what needs it is skipped"
      fi
    done
    if [ ${#known[@]} -gt 0 ] && ! apt_get install "${known[@]}"; then
      tail -n 20 "$apt_log" >&2
      mask_daemons unmask
      rm -f "$apt_log"
      not_here "could not install: ${known[*]}"
    fi
  fi
  mask_daemons unmask
  mask_daemons disable
  rm -f "$apt_log"
}

is_optional () {
  local entry
  for entry in "${packages_tools[@]}" "${packages_peers[@]}"; do
    [ "${entry#*:}" != "$1" ] || return 0
  done
  return 1
}

# Peers from the npm registry, in the build folder: the tests find them there.
need_npm () {
  local dir=$1/npm from=$here/tests/interop file
  command -v npm >/dev/null 2>&1 || { say 'no npm: tests with it skip'; return; }
  if [ -f "$dir/.complete" ] \
      && cmp -s "$dir/.complete" "$from/package-lock.json"; then
    return
  fi
  say 'installing the test peers from the npm registry'
  mkdir -p "$dir"
  rm -f "$dir/.complete"
  for file in package.json package-lock.json .npmrc; do
    cp "$from/$file" "$dir/$file"
  done
  for _ in 1 2; do
    if (cd "$dir" && npm ci --loglevel=error </dev/null >&2); then
      cp "$from/package-lock.json" "$dir/.complete"
      return
    fi
  done
  say 'npm ci failed: tests with its packages skip'
}

# A movie to broadcast: a real one, or where that cannot be had, one made here.
need_movie () {
  local dir=$1/media make=$here/tests/support/movie.sh as_root apt_log
  [ ! -s "$dir/movie.mp4" ] || return 0
  say 'fetching a movie to broadcast'
  if "$make" "$dir" 2>/dev/null; then
    return
  fi
  if [ "${RCAST_INSTALL:-yes}" != no ] && become_root; then
    apt_log=$(mktemp)
    apt_get update || true
    rm -f "$apt_log"
    if "$make" "$dir"; then
      return
    fi
  fi
  say 'no movie to be had from Debian: making one'
  if "$make" --made "$dir"; then
    ln -s made.mp4 "$dir/movie.mp4"
  else
    say 'no movie: tests with it skip'
  fi
}
