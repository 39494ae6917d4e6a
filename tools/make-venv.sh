#!/bin/sh
# A virtual environment in $1. Debian keeps the part of Python that makes one in a package of its
# own: as root it is installed, else said.
set -eu
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Jalon needs Python 3.11 or newer (python3)." >&2
    exit 1
}
if ! python3 -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing: python3-venv"
        apt-get -qq update
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-venv >/dev/null
    else
        echo "Python cannot make virtual environments here. As root: apt-get install python3-venv" >&2
        exit 1
    fi
fi
# Whole or not at all: a half-made one would pass for made at the next call.
python3 -m venv "$1" || { rm -rf "$1"; exit 1; }
