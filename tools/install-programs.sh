#!/bin/sh
# Programs the tests and benchmarks use as they are, from the system's packages: each argument is one.
# What is there is left alone; without root or sudo, say what to install.
set -eu
missing=""
for program in "$@"; do
    case "$program" in
        # The package keeps its programs off the path, and names them otherwise.
        postgresql) set -- /usr/lib/postgresql/*/bin/postgres; [ -x "$1" ] || command -v postgres >/dev/null || missing="$missing $program" ;;
        *) command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || missing="$missing $program" ;;
    esac
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "Install these programs with your package manager:$missing" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "As root: apt-get install$missing" >&2; exit 1; }
    as_root="sudo"
fi
echo "Installing:$missing"
$as_root apt-get -qq update
# shellcheck disable=SC2086 - a list of names
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
