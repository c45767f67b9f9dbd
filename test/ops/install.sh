#!/bin/bash
# Installs what the operations tests need: promtool, redis-server, systemd-nspawn and a small Debian root with systemd in it.
# Safe to run again: it does nothing when all is there. Needs root and Debian. The root is kept in OPS_CACHE.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo 'the operations tests boot containers: run them as root' >&2; exit 1; }
cache=${OPS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/snowflake-mcp-ops}
root=$cache/debian-root
mirror=${OPS_MIRROR:-http://deb.debian.org/debian}
packages=systemd,systemd-sysv,dbus,procps,libstdc++6,libatomic1

missing=()
command -v systemd-nspawn > /dev/null || missing+=(systemd-container)
command -v systemd-analyze > /dev/null || missing+=(systemd)
command -v debootstrap > /dev/null || missing+=(debootstrap)
command -v nsenter > /dev/null || missing+=(util-linux)
command -v redis-server > /dev/null || missing+=(redis-server)
command -v openssl > /dev/null || missing+=(openssl)
command -v ss > /dev/null || missing+=(iproute2)
command -v promtool > /dev/null || missing+=(prometheus)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

if [ ! -e "$root/.complete" ]; then
  rm -rf "$root"
  mkdir -p "$cache"
  # The same release as this machine, because its node and its libraries are used inside.
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  debootstrap --variant=minbase --include="$packages" "$release" "$root" "$mirror"
  # Nothing of this machine is to be known inside, and nothing there may wait for a network.
  rm -f "$root/etc/machine-id" "$root/etc/hostname" "$root/var/cache/apt/archives/"*.deb
  : > "$root/etc/machine-id"
  rm -rf "$root/var/lib/apt/lists"
  touch "$root/.complete"
fi
echo "$root"
