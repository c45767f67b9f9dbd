#!/bin/sh
# Kept under its old name for existing run books: the same as `snowflake-mcp-daemon install-service`.
exec node "$(dirname "$(readlink -f "$0")")/../bin/snowflake-mcp-daemon.js" install-service "$@"
