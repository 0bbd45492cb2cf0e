#!/bin/sh
# A throw-away Postgres cluster for the tests, reachable through a socket in its folder only.
#
#   URL=$(tests/postgres.sh start FOLDER)   makes and starts one there, prints the URL for DUTYBOARD_TEST_PG
#   tests/postgres.sh stop FOLDER           stops it and deletes the folder
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
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
  fi
  # Nothing here is worth keeping, so nothing waits for the disk.
  {
    as_owner "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync &&
      as_owner "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" --wait --timeout=60 \
        --options="-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c synchronous_commit=off \
          -c full_page_writes=off -c max_connections=200 -c autovacuum=off" start
  } >"$folder/start" 2>&1 || {
    cat "$folder/start" "$folder/log" >&2 || true
    exit 1
  }
  echo "postgres:///postgres?host=$folder&user=postgres"
}

stop() {
  if [ -f "$1/data/PG_VERSION" ]; then
    folder=$(cd "$1" && pwd)
    as_owner "$(bin_folder)/pg_ctl" --pgdata="$folder/data" --mode=immediate --wait stop >/dev/null || true
    rm -rf "$folder"
  fi
}

case "${1:-}" in
  start) start "${2:?a folder}" ;;
  stop) stop "${2:?the folder that start was given}" ;;
  *)
    echo "usage: tests/postgres.sh start FOLDER | stop FOLDER" >&2
    exit 2
    ;;
esac
