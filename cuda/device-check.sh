#!/bin/sh
# Runs the conformance suite on the device of this machine.
#
#   device-check.sh --pack DIR     puts what a check needs into DIR, on a machine with Maven and a JDK
#   DIR/device-check.sh [FILE]     checks, with a Java runtime (25 or newer) and the NVIDIA driver alone, and writes FILE
#                                  (device-check.json)
#
# Ends with 0 where all agrees, 1 where something does not, 3 where there is no device.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd -P)
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

if [ "${1:-}" = --pack ]; then
    pack=$2
    mkdir -p "$pack"
    pack=$(CDPATH='' cd "$pack" && pwd -P)
    cd "$here/.."
    mvn -q -B -pl kernels,engine,cuda -DskipTests -Dspotless.check.skip test-compile \
        dependency:build-classpath -Dmdep.outputFile=target/check-classpath.txt -DincludeScope=test
    for classes in kernels/target/classes engine/target/classes cuda/target/classes cuda/target/test-classes; do
        "${JAVA_HOME:+$JAVA_HOME/bin/}jar" --create --file "$pack/$(echo $classes | tr / -).jar" -C $classes .
    done
    tr ':' '\n' <cuda/target/check-classpath.txt | grep '\.jar$' | while read -r jar; do
        cp "$jar" "$pack/"
    done
    cp "$here/device-check.sh" "$pack/"
    exit 0
fi

if ! ls "$here"/cuda-target-classes.jar >/dev/null 2>&1; then
    echo "device-check: no jars beside this script; make them with: device-check.sh --pack DIR" >&2
    exit 2
fi
exec "$java" --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "$here/*" \
    org.lehr.cuda.DeviceCheck "${1:-device-check.json}"
