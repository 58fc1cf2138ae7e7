#!/bin/sh
# The other builds: g++ -O0 (debug), clang, sanitize, clang-fuzz; see CMakePresets.json.
#   scripts/matrix.sh build PRESET TARGET...   configure and build
#   scripts/matrix.sh run PROGRAM [ARG...]     run a program of another build as a test of this one;
#                                              if it is not built the test is skipped (exit code 77),
#                                              unless ISRLAB_MATRIX=1 says that it must be there
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

# A build that fails leaves no old program behind that could be taken for a new one.
build() {
  preset=$1
  shift
  case $preset in
    release) directory=$top/build ;;
    clang-fuzz) directory=$top/build-fuzz ;;
    *) directory=$top/build-$preset ;;
  esac
  # A build directory of a tree that was moved starts afresh.
  fresh=''
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$top" "$directory/CMakeCache.txt" 2>/dev/null ||
    fresh='--fresh'
  # shellcheck disable=SC2086
  if (cd "$top" && cmake $fresh --preset "$preset" >/dev/null) &&
    cmake --build "$directory" -j "${ISRLAB_JOBS:-$(nproc)}" --target "$@"; then
    return 0
  fi
  for target in "$@"; do rm -f "$directory/bin/$target"; done
  echo "building $* with the preset $preset failed, see above" >&2
  return 1
}

run() {
  if [ ! -x "$1" ]; then
    if [ "${ISRLAB_MATRIX:-0}" = 1 ]; then
      echo "$1 does not exist: its build failed, see the output before the tests" >&2
      exit 1
    fi
    echo "skipped, $1 is not built: ./dev test builds it" >&2
    exit 77
  fi
  export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
  export ASAN_OPTIONS="check_initialization_order=1:strict_init_order=1:${ASAN_OPTIONS:-}"
  exec "$@"
}

case "${1:-}" in
  build | run) "$@" ;;
  *)
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
