#!/bin/sh
# Generates the PTX of every kernel source and a digest of what it was generated from, and PTXAS.md. Needs nvcc; ptxas
# must accept each file for the oldest and the newest architecture that the kernels are meant for.
#
#   generate-ptx.sh          writes the files that are out of date
#   generate-ptx.sh --check  changes nothing; fails where a committed file is not what its source gives
#   generate-ptx.sh --check NAME...  the same for these files alone
#
# The code is generated without contraction of a multiplication and an addition into one rounding: kernels that want
# it say fma. The version of PTX is lowered to the one that knows sm_80, so that older drivers take it.
set -eu
cd "$(dirname "$0")"
sources=src/main/cuda
resources=src/main/resources/org/lehr/cuda
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

stale=0
written=0
for source in "$sources"/*.cu; do
    name=$(basename "$source" .cu)
    case $#,\ $*\  in
        [01],* | *\ $name\ *) ;;
        *) continue ;;
    esac
    digest=$(cat "$sources"/*.cuh "$source" | sha256sum | cut -d' ' -f1)
    if [ "${1:-}" != --check ] && [ "$(cat "$resources/$name.digest" 2>/dev/null)" = "$digest" ]; then
        continue
    fi
    nvcc -ptx -arch=compute_80 -std=c++17 --fmad=false -O3 "$source" -o "$work/$name.ptx"
    sed -e 's/^\.version .*/.version 7.0/' -e '/^\/\//d' -e '/used_bytes_mask/d' -e '/./,$!d' "$work/$name.ptx" > "$work/$name.out"
    for architecture in sm_80 sm_90a; do
        ptxas -arch=$architecture "$work/$name.out" -o "$work/$name.cubin"
    done
    if [ "${1:-}" = --check ]; then
        if ! cmp -s "$work/$name.out" "$resources/$name.ptx" || [ "$(cat "$resources/$name.digest")" != "$digest" ]; then
            echo "generate-ptx: $resources/$name.ptx is not what $source gives" >&2
            stale=1
        fi
    else
        mv "$work/$name.out" "$resources/$name.ptx"
        echo "$digest" > "$resources/$name.digest"
        echo "generate-ptx: $name"
        written=1
    fi
done
if [ "$written" = 1 ]; then
    ./ptxas-report.sh > "$work/report"
    mv "$work/report" PTXAS.md
fi
exit $stale
