#!/bin/sh
# As a user of the library: installs this build to a prefix of its own, moves that elsewhere, builds the
# example project against it and runs its tests. package_test.sh BUILD COMPILER [COMPILER-LAUNCHER]
set -eu
build=$1
compiler=$2
launcher=${3:-}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(CDPATH='' cd -- "$here/../.." && pwd)
# Always the same place, so that ccache knows the files again.
work=$build/package
prefix=$work/prefix
rm -rf "$work"
mkdir -p "$work"

fail() {
  echo "FAILED: $*"
  exit 1
}
quietly() {
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log"
    fail "$@"
  }
}

quietly cmake --install "$build" --prefix "$work/stage"
mv "$work/stage" "$prefix"
if grep -rIlF -e "$top" -e "$work" "$prefix" >"$work/log"; then
  cat "$work/log"
  fail 'the package names folders of this machine'
fi
if grep -rn '#include "' "$prefix/include" | grep -v '"isrlab/' >"$work/log"; then
  cat "$work/log"
  fail 'an installed header includes what is not installed'
fi

quietly cmake -S "$here" -B "$work/example" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
  -DCMAKE_CXX_FLAGS='-Wall -Wextra -Werror'
quietly cmake --build "$work/example"
quietly ctest --test-dir "$work/example" --output-on-failure

# The installed command knows the library and replays what the example saved, from its folder and by
# the line that the example printed.
cd "$work"
quietly "$prefix/bin/isrlab" validate chaos-small
saved=$(echo "$work"/example/runs/two-crashes/*-*)
quietly "$prefix/bin/isrlab" replay "$saved"
cp "$saved/scenario.json" two-crashes.json
"$work/example/tour" >"$work/out" 2>&1 || fail tour
# shellcheck disable=SC2046
quietly "$prefix/bin/"$(grep -o 'isrlab replay .* two-crashes.json' "$work/out")

lines=$(wc -l <"$here/no_acked_record_lost.cpp")
[ "$lines" -lt 40 ] || fail "the property test has $lines lines, and 40 are too many"
echo 'installed, moved, found, built and run'
