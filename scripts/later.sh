#!/bin/sh
# Runs a command on a later day, with every process that it starts: scripts/later.sh +1096d npm test
# Linux, as root, with Debian's package `faketime`. The processes of the tests begin with a clean environment, so the library is
# preloaded by /etc/ld.so.preload and reads /etc/faketimerc: in a mount namespace of the command's own, which ends with it.
# A function then sees FAKETIME_SHARED too, which fails the test of its variables in src/local/lambda/process.test.ts.
set -eu
days="$1"
shift
library=$(ls /usr/lib/*/faketime/libfaketime.so.1 | head -n 1)
exec unshare --mount sh -euc '
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc
echo "$0" > /etc/faketimerc
echo "$1" > /etc/ld.so.preload
shift
exec "$@"' "$days" "$library" "$@"
