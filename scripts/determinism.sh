#!/bin/sh
# One file of digests, tests/determinism/digests.txt, for every build and every way to run.
#   scripts/determinism.sh                   build isrlab-digests in all configurations and compare
#   scripts/determinism.sh compare [--odd-environment] PROGRAM [ARG...]
#                                            run the program, compare what it prints with the file
#   scripts/determinism.sh lock WHY          write the file anew from the release build
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
file=$top/tests/determinism/digests.txt
all_modes='--readers on --copy --twice'

# compare [--odd-environment] PROGRAM [ARG...]
compare() {
  odd=0
  if [ "$1" = --odd-environment ]; then
    odd=1
    shift
  fi
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  status=0
  if [ $odd = 1 ]; then
    # Another locale, time zone, working directory, heap contents; no address randomisation.
    randomise=''
    if setarch -R true 2>/dev/null; then randomise='setarch -R'; fi
    # shellcheck disable=SC2086
    (cd / && exec env -i LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 TZ=Asia/Kathmandu MALLOC_PERTURB_=165 \
      $randomise "$@") >"$scratch/got" || status=$?
  else
    "$top/scripts/matrix.sh" run "$@" >"$scratch/got" || status=$?
  fi
  [ $status = 0 ] || return $status
  if [ ! -f "$file" ]; then
    echo "$file does not exist; write it with: scripts/determinism.sh lock 'why'" >&2
    return 1
  fi
  grep -v '^#' "$file" >"$scratch/expected" || true
  if diff -u "$scratch/expected" "$scratch/got" >"$scratch/diff"; then
    echo "$(wc -l <"$scratch/got") digests as in tests/determinism/digests.txt"
    return 0
  fi
  sed -n '3,40p' "$scratch/diff" >&2
  cat >&2 <<END
The digests printed by $*
differ from tests/determinism/digests.txt (name, seed, digest, events; - expected, + got).
If all builds print the same new digests, the model behaves differently: when that is meant, run
  scripts/determinism.sh lock 'why'
If only some builds or ways to run differ, something depends on the compiler, on memory or on the
readers: that is a bug, never a second accepted value (CONTRIBUTING.md, "Determinism").
For a line of many seeds, isrlab-digests --each SCENARIO.json prints them one by one.
END
  return 1
}

# lock WHY
lock() {
  if [ -z "${1:-}" ]; then
    echo "lock needs the reason: scripts/determinism.sh lock 'brokers answer fetches in order'" >&2
    return 2
  fi
  "$top/scripts/matrix.sh" build release isrlab-digests || return 1
  # shellcheck disable=SC2086
  "$top/build/bin/isrlab-digests" $all_modes >"$file.new" || {
    rm -f "$file.new"
    echo "nothing was locked: copies or second runs differ, see above" >&2
    return 1
  }
  {
    if [ -f "$file" ]; then
      grep '^#' "$file"
    else
      echo "# name seed digest events, for every build and every way to run. Reasons of each re-lock:"
    fi
    echo "# - $1"
    cat "$file.new"
  } >"$file.locked"
  rm -f "$file.new"
  mv "$file.locked" "$file"
  echo "wrote $file"
}

case "${1:-all}" in
  compare)
    shift
    compare "$@"
    ;;
  lock)
    shift
    lock "$@"
    ;;
  all)
    status=0
    for preset in release debug clang sanitize; do
      "$top/scripts/matrix.sh" build "$preset" isrlab-digests || status=1
    done
    for directory in build build-debug build-clang build-sanitize; do
      # shellcheck disable=SC2086
      ISRLAB_MATRIX=1 "$0" compare "$top/$directory/bin/isrlab-digests" $all_modes || status=1
    done
    exit $status
    ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
