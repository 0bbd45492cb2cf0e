#!/bin/sh
# A throw-away Postgres cluster for the tests, reachable through a socket only.
#
#   URL=$(tests/postgres.sh start)    makes and starts one, prints the URL for DUTYBOARD_TEST_PG
#   tests/postgres.sh stop "$URL"     stops it and deletes its folder
#
# Postgres refuses to run as root, so root lends it the user `postgres`.
set -eu

as_owner() {
  if [ "$(id -u)" = 0 ]; then
    # From / because the caller's folder may be closed to that user.
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# Debian keeps the server's programs out of PATH, one folder per version; the newest is taken.
bin_folder() {
  if command -v initdb >/dev/null 2>&1; then
    dirname "$(command -v initdb)"
    return
  fi
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn); do
    if [ -x "$folder/initdb" ]; then
      echo "$folder"
      return
    fi
  done
  echo "PostgreSQL server is missing: install it (Debian: apt-get install postgresql)" >&2
  exit 1
}

start() {
  bin=$(bin_folder)
  # In memory where there is room for it: nothing here is worth keeping.
  base=${TMPDIR:-/tmp}
  if [ -w /dev/shm ]; then
    base=/dev/shm
  fi
  folder=$(mktemp -d "$base/dutyboard-pg.XXXXXX")
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
  fi
  {
    as_owner "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync
    as_owner "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --timeout=60 \
      --options="-c listen_addresses='' -c unix_socket_directories=$folder -c fsync=off -c synchronous_commit=off \
        -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB -c autovacuum=off" start
  } >"$folder.out" 2>&1 || {
    cat "$folder.out" "$folder/log" >&2 || true
    rm -rf "$folder" "$folder.out"
    exit 1
  }
  rm -f "$folder.out"
  echo "postgres:///postgres?host=$folder&user=postgres"
}

stop() {
  folder=$(echo "$1" | sed -n 's/.*[?&]host=\([^&]*\).*/\1/p')
  case "$folder" in
    */dutyboard-pg.*) ;;
    *)
      echo "not a cluster of this script: $1" >&2
      exit 1
      ;;
  esac
  as_owner "$(bin_folder)/pg_ctl" --pgdata="$folder/data" --mode=immediate --wait stop >/dev/null || true
  rm -rf "$folder"
}

case "${1:-}" in
  start) start ;;
  stop) stop "${2:?the URL that start printed}" ;;
  *)
    echo "usage: tests/postgres.sh start | stop URL" >&2
    exit 2
    ;;
esac
