#!/bin/sh
# Runs a program of another build (build-sanitize, build-fuzz ...) as a test of this one.
#   scripts/matrix.sh PROGRAM [ARG...]
# If the program was not built the test is skipped (exit code 77), unless ISRLAB_MATRIX=1 says that it
# must be there.
set -eu

program=$1
shift
if [ ! -x "$program" ]; then
  if [ "${ISRLAB_MATRIX:-0}" = 1 ]; then
    echo "$program does not exist: its build failed, see the output above" >&2
    exit 1
  fi
  echo "skipped, $program is not built: ./dev test builds it" >&2
  exit 77
fi
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
export ASAN_OPTIONS="check_initialization_order=1:strict_init_order=1:${ASAN_OPTIONS:-}"
exec "$program" "$@"
