#!/usr/bin/env bash
# Builds everything and runs every test, as CI does.
#
#   build/test.sh                      all projects: unit tests side by side, then integration, then end to end
#   build/test.sh NAME                 only the projects whose name contains NAME (any case)
#   build/test.sh NAME -- ARGUMENTS    hands ARGUMENTS to the test programs, such as --filter-class '*Journal*'
#
# CDC_TEST_MINUTES is what the end-to-end project may take (20), for long campaigns.
#
# The last line is 'N passed, N failed, N skipped' over all projects; the exit code is 0 only when nothing failed. A project that runs
# no test, crashes or exceeds its time counts as one failure.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
name=
arguments=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --) shift; arguments=("$@"); break ;;
    -*) echo "test: '$1' is not known; usage: build/test.sh [NAME] [-- ARGUMENTS]" >&2; exit 2 ;;
    *) name=$1; shift ;;
  esac
done

limit_of() {
  case $1 in
    *.Integration.*) echo 30 ;;
    *.EndToEnd.*) echo "${CDC_TEST_MINUTES:-20}" ;;
    *) echo 10 ;;
  esac
}

# Tests against servers wait for them more than they work: twice as many at once as there are processors.
threads_of() {
  case $1 in
    *.Integration.*) echo 2x ;;
    *) echo default ;;
  esac
}

# Runs one project with its output kept; leaves 'passed failed skipped' in PROJECT.counts and 'test: reason' lines in PROJECT.skipped.
run_project() {
  local project=$1 results=$2 program minutes code=0
  shift 2
  program=$root/artifacts/bin/$project/release/$project
  minutes=$(limit_of "$project")
  # The runner's own time limit ends a test that can be cancelled; the outer one kills a program that cannot.
  timeout --kill-after=10s $((minutes * 60 + 30))s "$program" --timeout "${minutes}m" --max-threads "$(threads_of "$project")" --long-running 60 --xunit-diagnostics on --ansi off --progress off \
    --report-xunit-xml --report-xunit-xml-filename "$project.xml" --results-directory "$results" "$@" >"$results/$project.log" 2>&1 </dev/null || code=$?
  {
    echo "== $project"
    # Skipped tests are listed together at the end.
    awk '/^skipped /{quiet = 1; next} quiet && /^  /{next} {quiet = 0} /^(failed|  |\[Long|Test run|.*(rror|xception|ancel))/' "$results/$project.log" |
      grep -vE '^  (In process file artifacts produced:|  - )|^ +at (System|Xunit)\.' || true
    case $code in
      0 | 2 | 8) ;;
      3 | 124 | 137) echo "$project did not end within $minutes minutes." ;;
      *) echo "$project ended with exit code $code:"; tail -n 40 "$results/$project.log" ;;
    esac
  } >"$results/$project.out"
  awk '/^skipped /{if (test) print test ": " reason; test = $0; sub(/^skipped /, "", test); sub(/ \([0-9a-z ]+\)$/, "", test); reason = ""; next}
    test && /^  /{sub(/^ +/, ""); reason = reason (reason == "" ? "" : " ") $0; next}
    test {print test ": " reason; test = ""}
    END {if (test) print test ": " reason}' "$results/$project.log" >"$results/$project.skipped"
  awk -v code="$code" '
    function attribute(key) { return match($0, " " key "=\"[0-9]*\"") ? substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 4) : 0 }
    BEGIN { RS = "<" }
    /^assembly / { passed += attribute("passed"); failed += attribute("failed") + attribute("errors"); skipped += attribute("skipped") }
    END {
      if (failed == 0 && (passed + skipped == 0 || (code != 0 && code != 8))) failed = 1
      print passed + 0, failed + 0, skipped + 0
    }' "$(report_or_nothing "$results/$project.xml")" >"$results/$project.counts"
  cat "$results/$project.out"
}

report_or_nothing() { [[ -s $1 ]] && echo "$1" || echo /dev/null; }

select_projects() {
  local file project
  for file in "$root"/tests/*.Tests/*.Tests.csproj; do
    project=$(basename "$file" .csproj)
    [[ ${project,,} == *"${name,,}"* ]] || continue
    if [[ -z $(find "$(dirname "$file")" -name '*.cs' -print -quit) ]]; then
      echo "== $project has no source yet"
      continue
    fi
    case $project in
      *.Integration.*) integration+=("$project") ;;
      *.EndToEnd.*) end_to_end+=("$project") ;;
      *) unit+=("$project") ;;
    esac
  done
}

build_projects() {
  local project
  cd "$root"
  if [[ -z $name ]]; then
    dotnet build Cdc.Platform.sln -c Release -nodeReuse:false -warnaserror -nologo -v:quiet
  else
    for project in "$@"; do
      dotnet build "tests/$project" -c Release -nodeReuse:false -warnaserror -nologo -v:quiet
    done
  fi
}

unit=()
integration=()
end_to_end=()
select_projects
all=("${unit[@]}" "${integration[@]}" "${end_to_end[@]}")
if [[ ${#all[@]} -eq 0 ]]; then
  echo "test: no test project's name contains '$name'" >&2
  exit 2
fi

"$root/build/setup.sh" --for test
echo "== build"
if ! build_projects "${all[@]}"; then
  echo "The build failed."
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
export -f run_project limit_of threads_of report_or_nothing
export root
printf '%s\0' "${unit[@]}" | xargs -0 -r -P 2 -I PROJECT bash -c 'run_project "$@"' bash PROJECT "$results" "${arguments[@]}" || true
for project in "${integration[@]}" "${end_to_end[@]}"; do
  run_project "$project" "$results" "${arguments[@]}" || true
done

passed=0
failed=0
skipped=0
for project in "${all[@]}"; do
  counts=(0 1 0)
  [[ -s $results/$project.counts ]] && read -r -a counts <"$results/$project.counts"
  passed=$((passed + counts[0]))
  failed=$((failed + counts[1]))
  skipped=$((skipped + counts[2]))
done
if [[ $skipped -gt 0 ]]; then
  echo "== skipped"
  sort "$results"/*.skipped
fi
if [[ $failed -gt 0 ]]; then
  # Once more, and short: who sees only the end of this must see why.
  echo "== failed"
  for project in "${all[@]}"; do
    awk -v project="$project" '/^(failed|passed|skipped) /{left = 0} /^failed /{left = 12; print project ":"} left-- > 0 {print substr($0, 1, 400)}' "$results/$project.log"
  done
fi
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
