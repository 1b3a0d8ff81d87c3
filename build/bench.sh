#!/usr/bin/env bash
# Measures the platform against hand-written baselines, in one run and on the same bytes; docs/performance.md says what the figures mean.
#
#   build/bench.sh [capture|snapshot|sink|latency|memory|largest|all] [--rows N] [--pairs N] [--only TEXT] [--json]
#
# A table for people; with --json one object a line. Exit code 1: some run did not do what it should.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/build/setup.sh" --for bench
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! (cd "$root" && dotnet build tests/Cdc.Benchmarks/Cdc.Benchmarks.csproj -c Release -nologo -v:quiet) >"$log" 2>&1; then
  cat "$log" >&2
  echo "bench: the build failed" >&2
  exit 1
fi
rm -f "$log"

# The program looks for the runtime in the usual places only; a 'dotnet' elsewhere on the PATH is as good.
if [[ -z ${DOTNET_ROOT:-} ]] && dotnet=$(readlink -f "$(command -v dotnet)") && [[ -d $(dirname "$dotnet")/shared ]]; then
  DOTNET_ROOT=$(dirname "$dotnet")
  export DOTNET_ROOT
fi

# A busy machine disturbs figures: where it is allowed, this goes before others' work.
nice=()
if nice -n -10 true 2>/dev/null; then nice=(nice -n -10); fi
exec "${nice[@]}" "$root/artifacts/bin/Cdc.Benchmarks/release/Cdc.Benchmarks" "$@"
