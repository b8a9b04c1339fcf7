#!/usr/bin/env bash
# Makes of a version's images those of a next one: the same code, and one more migration of the customer service.   next.sh <registry/bankcrm> <from> <to>
set -euo pipefail
[ $# = 3 ] || { echo "next.sh <registry/bankcrm> <from> <to>"; exit 2; }
images=$1 from=$2 to=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/0999_trial.sql" <<SQL
-- What a next version brings: a column that the version before does not know.
ALTER TABLE customer.party ADD COLUMN trial text;
COMMENT ON COLUMN customer.party.trial IS 'C1: of the trial of an upgrade';
SQL
printf 'ARG FROM\nFROM ${FROM}\nCOPY 0999_trial.sql /app/services/customer/db/migrations/\n' > "$folder/Dockerfile"
for image in $(docker image ls --format '{{.Repository}}:{{.Tag}}' | sed -n "s|^$images/\([a-z]*\):$from\$|\1|p"); do
  if [ "$image" = customer ]; then docker build --quiet --build-arg FROM="$images/customer:$from" --tag "$images/customer:$to" "$folder"
  else docker tag "$images/$image:$from" "$images/$image:$to"; fi
  echo "$images/$image:$to"
done
