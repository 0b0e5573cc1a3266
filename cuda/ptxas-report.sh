#!/bin/sh
# Prints what ptxas makes of every kernel, as PTXAS.md holds it: registers, and where there are some, bytes of shared
# memory, stack and spills. Needs ptxas.
#
#   ptxas-report.sh > PTXAS.md
#   ptxas-report.sh NAME...      the sections of these files alone
set -eu
cd "$(dirname "$0")"
export LC_ALL=C
architectures="sm_80 sm_90a sm_121"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# = 0 ]; then
    echo "# What ptxas makes of the kernels"
    echo
    echo "Registers of a thread, on the oldest architecture that the kernels run on, on Hopper, and on the newest that"
    echo "ptxas knows; behind them bytes of shared memory, stack and spills, if any. Written by \`ptxas-report.sh\` with"
    echo "$(ptxas --version | sed -n 's/^Cuda compilation tools, //p'); a test compares."
    set -- src/main/resources/org/lehr/cuda/*.ptx
fi
for name in "$@"; do
    name=$(basename "$name" .ptx)
    ptx=src/main/resources/org/lehr/cuda/$name.ptx
    for architecture in $architectures; do
        ptxas -v -arch="$architecture" "$ptx" -o "$work/cubin" 2> "$work/report"
        awk -v architecture="$architecture" '
            function number(before) { return match($0, "[0-9]+ " before) ? substr($0, RSTART) + 0 : 0 }
            /Compiling entry function/ { split($0, parts, "\047"); kernel = parts[2]; names[kernel] }
            /bytes stack frame/ {
                stack = number("bytes stack frame")
                if (stack > stacks[kernel]) stacks[kernel] = stack
                spills[kernel] += number("bytes spill stores") + number("bytes spill loads")
            }
            /Used [0-9]+ registers/ { registers[kernel] = number("registers"); shared[kernel] = number("bytes smem") }
            END {
                for (k in names) {
                    cell = registers[k]
                    if (shared[k]) cell = cell ", shared " shared[k]
                    if (stacks[k]) cell = cell ", stack " stacks[k]
                    if (spills[k]) cell = cell ", spills " spills[k]
                    print k "\t" architecture "\t" cell
                }
            }' "$work/report"
    done > "$work/cells"
    echo
    echo "## $name"
    echo
    echo "Of the PTX with the digest \`$(sha256sum "$ptx" | cut -c1-16)\`."
    echo
    echo "| kernel | $(echo "$architectures" | sed 's/ / | /g') |"
    echo "|---|$(echo "$architectures" | sed 's/[^ ]* */---|/g')"
    awk -F '\t' -v architectures="$architectures" '
        { cells[$1, $2] = $3; names[$1] }
        END {
            count = split(architectures, columns, " ")
            for (k in names) {
                row = "| " k " |"
                for (i = 1; i <= count; i++) row = row " " cells[k, columns[i]] " |"
                print row
            }
        }' "$work/cells" | sort
done
