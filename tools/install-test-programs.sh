#!/bin/sh
# Chromium (browser tests) and Mosquitto (a real peer) come from the system's packages. Nothing is
# installed when they are there; without root or sudo, say what to install.
set -eu
missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || missing="$missing mosquitto"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "The tests need these programs; install them with your package manager:$missing" >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
[ -z "$as_root" ] || command -v sudo >/dev/null || {
    echo "The tests need these programs; as root: apt-get install$missing" >&2
    exit 1
}
echo "Installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
# shellcheck disable=SC2086 - a list of names
$as_root apt-get -qq install -y --no-install-recommends $missing >/dev/null
