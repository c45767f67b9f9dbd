#!/bin/bash
# Installs what the operations tests need: Debian's packages of the real components, and a small Debian root with systemd in it.
# Safe to run again: it does nothing when all is there. Needs root and Debian. The root is kept in OPS_CACHE.
set -euo pipefail
[ "$(id -u)" = 0 ] || { echo 'the operations tests boot containers: run them as root' >&2; exit 1; }
cache=${OPS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/snowflake-mcp-ops}
root=$cache/debian-root
mirror=${OPS_MIRROR:-http://deb.debian.org/debian}
packages=systemd,systemd-sysv,dbus,procps,libstdc++6,libatomic1

# Test files that run beside each other each make sure of it.
mkdir -p "$cache"
exec 9> "$cache/.lock"
flock 9

# A command that must be there, and the Debian package that brings it.
needs='
systemd-nspawn  systemd-container
systemd-analyze systemd
debootstrap     debootstrap
nsenter         util-linux
redis-server    redis-server
nginx           nginx-light
haproxy         haproxy
prometheus      prometheus
promtool        prometheus
prometheus-alertmanager prometheus-alertmanager
amtool          prometheus-alertmanager
chromium        chromium
logrotate       logrotate
rsyslogd        rsyslog
gpg             gpg
gpg-agent       gpg-agent
openssl         openssl
ss              iproute2
buildah         buildah
podman          podman
runc            runc
kubectl         kubernetes-client
docker-compose  docker-compose
'
missing=()
while read -r command package; do
  [ -z "$command" ] || command -v "$command" > /dev/null || missing+=("$package")
done <<< "$needs"
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -q
  # Run level 1: none of them is started as a service of this machine.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi

if [ ! -e "$root/.complete" ]; then
  rm -rf "$root"
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
