#!/usr/bin/env bash
# Emacs with eglot, as Debian packages it.
set -euo pipefail
if ! command -v emacs >/dev/null || ! emacs --batch --eval '(progn (package-initialize) (require (quote eglot)))' 2>/dev/null; then
  command -v apt-get >/dev/null || { echo "install Emacs 29, or Emacs 28 with the package eglot, first"; exit 2; }
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq emacs-nox elpa-eglot; } >/dev/null
fi
