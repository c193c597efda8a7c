#!/usr/bin/env bash
# Sets up VS Code's own workbench (code-server) and a browser to drive it with, once, outside of the repository:
# in $PACELINE_EDITORS, or ~/.cache/paceline-editors. Prints the folder. Versions are pinned in workbench/.
#
# code-server's install scripts fetch and compile what a server for people needs. Nothing of it is needed here:
# - argon2 hashes passwords, and signing in is turned off;
# - kerberos, node-pty, spdlog, native-watchdog serve proxies, terminals, logs to files, and dead parents: the
#   workbench says in its log that they are missing, and goes on;
# - the file watcher comes ready-made.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
home=${PACELINE_EDITORS:-${XDG_CACHE_HOME:-$HOME/.cache}/paceline-editors}
key=$(cat "$here/setup.sh" "$here/workbench/package-lock.json" | sha256sum | cut -c1-16)
target=$home/workbench-$key

have() { command -v "$1" >/dev/null; }

missing=()
have chromium || have chromium-browser || have google-chrome || missing+=(chromium fonts-dejavu-core)
have rg || missing+=(ripgrep)
have git || missing+=(git)
if [ ${#missing[@]} -gt 0 ] && have apt-get && [ "$(id -u)" = 0 ]; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >/dev/null 2>&1 || { echo "could not install ${missing[*]}" >&2; exit 1; }
elif [ ${#missing[@]} -gt 0 ]; then
  echo "install ${missing[*]} with your package manager, then run this again" >&2
  exit 2
fi
have npm || { echo "install Node.js 20, then run this again" >&2; exit 2; }

if [ ! -e "$target/ready" ]; then
  mkdir -p "$home"
  work=$(mktemp -d "$home/making-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cp "$here"/workbench/{package.json,package-lock.json,.npmrc} "$work"
  (cd "$work" && npm ci --silent)
  vscode=$work/node_modules/code-server/lib/vscode
  # Its lock file says which versions, though not in the form that "npm ci" insists on.
  (cd "$vscode" && npm install --silent --no-save --ignore-scripts --omit=dev --no-audit --no-fund)
  ln -s node_modules "$vscode/node_modules.asar"
  mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
  ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
  echo '"use strict"; module.exports = {};' > "$work/node_modules/argon2/argon2.js"
  touch "$work/ready"
  # Whoever was first wins; two set-ups beside each other do no harm.
  mv -T "$work" "$target" 2>/dev/null || [ -e "$target/ready" ]
fi
echo "$target"
