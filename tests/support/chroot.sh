#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# chroot.sh NAME [OPTION…]: `./run test --no-peers OPTION…` for this tree, as it is, in
# Debian NAME (trixie, sid) with its own GStreamer, libnice and libsoup.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/support/prepare.sh
. "$here/tests/support/prepare.sh"

# Makes Debian $1 in folder $2, small: ./run installs the rest there.
make_chroot () {
  local name=$1 dir=$2 mirror
  say "making Debian $name in $dir, about two minutes"
  "${as_root[@]}" rm -rf "$dir.new"
  "${as_root[@]}" mkdir -p "$dir.new"
  # The mirror that this machine uses.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
      'Component: main' | head -n 1) || mirror=
  "${as_root[@]}" debootstrap --variant=minbase "$name" "$dir.new" \
      ${mirror:+"$mirror"} >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    not_here "no Debian $name to be had: debootstrap failed"
  }
  "${as_root[@]}" sh -c 'printf "exit 101\n" >"$1/usr/sbin/policy-rc.d"
    chmod +x "$1/usr/sbin/policy-rc.d"
    printf "%s\n" "APT::Install-Recommends \"false\";" \
      "Acquire::Check-Valid-Until \"false\";" >"$1/etc/apt/apt.conf.d/99rcast"
    # What a crash would cost is two minutes.
    echo force-unsafe-io >"$1/etc/dpkg/dpkg.cfg.d/99rcast"
    mv "$1" "$2"' - "$dir.new" "$dir"
}

# The mounts are of a namespace that ends with the run.
name=${1:?a name such as trixie is needed}
cache=${RCAST_CHROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/gst-rcast/chroots}
shift
case $name in *[!a-z]* | '') die '--chroot needs a name such as trixie' ;; esac
dir=$cache/$name
need 'test in a chroot' debootstrap:debootstrap unshare:util-linux
become_root || not_here '--chroot needs root or sudo'
mkdir -p "$cache"
log=$(mktemp)
[ -d "$dir" ] || make_chroot "$name" "$dir"
rm -f "$log"
[ $# -gt 0 ] || set -- --suite check --suite netns
"${as_root[@]}" mkdir -p "$dir/src" "$dir/build"
"${as_root[@]}" unshare --mount true || not_here 'a chroot needs a mount namespace'
exec "${as_root[@]}" unshare --mount --propagation private sh -c '
  dir=$1 here=$2
  shift 2
  cannot_mount () {
    echo "run: this machine allows no mounts, as a chroot needs them" >&2
    exit 77
  }
  for i in proc sys dev; do
    mount --rbind "/$i" "$dir/$i" || cannot_mount
  done
  mount -t tmpfs none "$dir/run" && mount --bind "$here" "$dir/src" || cannot_mount
  mkdir -p "$dir/run/netns"
  cp /etc/resolv.conf "$dir/etc/resolv.conf" 2>/dev/null
  # One that was ended in the middle of an installation
  DEBIAN_FRONTEND=noninteractive chroot "$dir" dpkg --configure -a >/dev/null 2>&1
  exec chroot "$dir" env -i HOME=/root LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${CI:+CI="$CI"} RCAST_BUILDDIR=/build /src/run test --no-peers "$@"
  ' - "$dir" "$here" "$@"
