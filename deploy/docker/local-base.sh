#!/usr/bin/env bash
# Makes bankcrm-base:local, a base for the images on a machine that reaches no registry of images: Debian, by debootstrap or from a root folder given; Node
# and npm in the repository's versions; the machine's CAs, for itself and for npm. Wants root, for debootstrap.
#   deploy/docker/local-base.sh [root folder]
set -euo pipefail
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base=$work/base
if [ $# -gt 0 ]; then
  cp -a "$1" "$base"
else
  command -v debootstrap > /dev/null || { echo 'debootstrap is missing: apt-get install debootstrap, or name a folder with a Debian in it.' >&2; exit 1; }
  debootstrap --variant=minbase --include=ca-certificates bookworm "$base"
fi

cp node_modules/node/bin/node "$base"/usr/local/bin/node
npm=$(npm pack --silent --pack-destination "$work" "$(node -p "require('./package.json').packageManager")")
mkdir -p "$base"/usr/local/lib/node_modules/npm "$base"/usr/local/etc
tar -xzf "$work/$npm" -C "$base"/usr/local/lib/node_modules/npm --strip-components 1
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$base"/usr/local/bin/npm
cp -L /etc/ssl/certs/ca-certificates.crt "$base"/etc/ssl/certs/machine.crt
echo 'cafile=/etc/ssl/certs/machine.crt' > "$base"/usr/local/etc/npmrc

tar -c --numeric-owner --exclude './dev/*' --exclude './proc/*' --exclude './sys/*' --exclude './var/cache/apt/*' --exclude './var/lib/apt/lists/*' -C "$base" . |
  docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - bankcrm-base:local
