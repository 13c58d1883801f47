#!/bin/sh
# Runs the coding agents against gateway and emulator on this machine: test/clients/README.md.
# Usage: test/clients/run.sh [--everything-on] [claude-code|claude-code-with-gpt|claude-code-with-gemini|codex|codex-with-claude|codex-with-gemini|codex-websocket|opencode|opencode-responses|opencode-anthropic ...]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${MODICUM_CLIENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/modicum-clients}
mkdir -p "$cache"
[ -f "$cache/package.json" ] || echo '{"private":true}' >"$cache/package.json"
# Exact versions; their programs are optional dependencies for this platform.
npm install --prefix "$cache" --no-audit --no-fund --save-exact --loglevel error --include optional \
  @anthropic-ai/claude-code@2.1.330 @openai/codex@0.169.0 opencode-ai@1.18.33
PATH="$root/node_modules/.bin:$PATH" exec node "$here/check.ts" "$cache/node_modules/.bin" "$@"
