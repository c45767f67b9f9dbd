#!/bin/bash
# Boots a Debian root with systemd as process 1 and stays until it is powered off.
# usage: machine.sh ROOT STATE [option of systemd-nspawn]...   STATE/cgroups lists what to remove afterwards.
#
# The machine runs on a throw-away overlay of ROOT. This process first enters a control group of its own in every
# hierarchy: nspawn keeps the one it is started in, and the systemd inside takes it for the whole tree.
set -euo pipefail
root=$1 state=$2
shift 2
name=$(basename "$state")

# All lines first: the file changes with each move.
mapfile -t lines < /proc/self/cgroup
for line in "${lines[@]}"; do
  IFS=: read -r _ controllers path <<< "$line"
  if [ -z "$controllers" ]; then
    mount=$(findmnt -rn -t cgroup2 -o TARGET | head -n 1)
  else
    mount=$(findmnt -rn -t cgroup -O "${controllers%%,*}" -o TARGET | head -n 1)
  fi
  [ -n "$mount" ] || continue
  group=${mount%/}${path%/}/$name
  mkdir -p "$group"
  echo "$group" >> "$state/cgroups"
  if [ -e "$group/cpuset.cpus" ] && [ "$controllers" = cpuset ]; then
    for key in cpuset.cpus cpuset.mems; do cat "$(dirname "$group")/$key" > "$group/$key"; done
    echo 1 > "$group/cgroup.clone_children"
  fi
  echo $$ > "$group/cgroup.procs"
done

exec systemd-nspawn --quiet --directory="$root" --volatile=overlay --boot --register=no --keep-unit \
  --machine="$name" --link-journal=no --console=pipe --kill-signal=SIGRTMIN+3 --private-network "$@" < /dev/null
