#!/usr/bin/env bash
# Writes Prisma's client for the schema of the folder it is called in. The generator is a quarter of everything that npm would install, so it is
# fetched here, at first use, and not with what runs.
set -euo pipefail
tool=$(cd "$(dirname "$0")" && pwd)
npm ci --prefix "$tool" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
# Any program does for the schema engine: generating asks nothing of it, and it would be a download.
PRISMA_SCHEMA_ENGINE_BINARY=$(type -P true) PRISMA_HIDE_UPDATE_MESSAGE=1 "$tool/node_modules/.bin/prisma" generate
