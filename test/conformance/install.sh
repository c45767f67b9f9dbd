#!/bin/bash
# Installs the official conformance suites, the Inspector and the Node they need beside the tests that run them.
# Safe to run again: it does nothing when what is there is what the lock file says. None of it is on the PATH of others.
set -euo pipefail
cd "$(dirname "$0")/suite"
stamp=node_modules/.complete
if [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; then exit 0; fi
npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
cp package-lock.json "$stamp"
