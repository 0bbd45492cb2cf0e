#!/bin/bash
# Made-up requests after the API's own description, against the demo, as an owner, a supervisor, an agent and nobody: no fault, and no answer that the
# description does not know.   tests/parts/schemathesis.sh PROGRAM FOLDER
# Environment: SCHEMATHESIS_EXAMPLES (per operation, default 25), SCHEMATHESIS_SEED.
set -euo pipefail
program=$1 folder=$2
port=$((20000 + RANDOM % 20000))
url=http://127.0.0.1:$port
mkdir -p "$folder"

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5

"$program" demo --listen "127.0.0.1:$port" --data "$folder/data" --json >"$folder/demo.json" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true' EXIT
# The line with the logins comes when the server listens.
until [ -s "$folder/demo.json" ]; do
  kill -0 $server || exit 1
  sleep 0.2
done

token() {
  curl -sSf -H 'Content-Type: application/json' -d "{\"login\":\"$1\",\"password\":\"dutyboard-demo\"}" "$url/api/auth/login" |
    "$folder/venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["access_token"])'
}

check() {
  # Left out: a line that stays open, and what signs the caller out. What is a good value is the rooms' business, not the description's.
  "$folder/venv/bin/schemathesis" run "$url/api/openapi.json" --no-color --continue-on-failure --warnings off \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method,ignored_auth \
    --phases coverage,fuzzing --max-examples "${SCHEMATHESIS_EXAMPLES:-25}" ${SCHEMATHESIS_SEED:+--seed "$SCHEMATHESIS_SEED"} \
    --exclude-path /api/sync/events --exclude-path /api/auth/logout "$@"
}

failed=0
for login in owner zhou li; do
  echo "-- as $login"
  check -H "Authorization: Bearer $(token $login)" || failed=1
done
echo "-- as nobody"
check || failed=1
exit $failed
