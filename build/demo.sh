#!/usr/bin/env bash
# Shows the whole of it in a minute: a throwaway PostgreSQL with a small shop, the pipeline into a DuckDB file, changes that flow while
# another process asks the file, and a comparison of both sides. Leaves nothing behind but what it fetched into .tools/.
#
#   build/demo.sh [--quick]      --quick: no pauses, for scripts
set -Eeuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=${CDC_TOOLS:-$root/.tools}
pause=1
case ${1:-} in
  --quick) pause=0 ;;
  "") ;;
  *) echo "demo: '$1' is not known; usage: build/demo.sh [--quick]" >&2; exit 2 ;;
esac

started=$SECONDS
bold() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[[ -t 1 ]] || bold() { printf '\n%s\n' "$*"; }

"$root/build/setup.sh" --for demo

folder=$(mktemp -d "${TMPDIR:-/tmp}/cdc-demo-XXXXXX")
port=$((20000 + RANDOM % 20000))
pipeline=
for binaries in /usr/lib/postgresql/1[4-8]/bin "$tools"/postgres-*/bin; do
  [[ -x $binaries/postgres ]] && break
done
psql=$binaries/psql
[[ -x $psql ]] || psql=$(command -v psql) || psql=

# What setup could not bring is named before anything is built.
needs=()
[[ -x $binaries/postgres ]] || needs+=("a PostgreSQL server, 14 to 18")
[[ -n $psql ]] || needs+=("psql, PostgreSQL's client")
command -v node >/dev/null && [[ -e $tools/reader/.version ]] || needs+=("Node.js with npm, to ask the warehouse from another program")
if [[ ${#needs[@]} -gt 0 ]]; then
  printf 'demo: it needs %s\n' "${needs[@]}" >&2
  echo "demo: on Debian and Ubuntu: sudo apt-get install postgresql nodejs npm; then run it again" >&2
  exit 1
fi
"$root/build/cdc" version >/dev/null

as_server() {
  if [[ $EUID -eq 0 ]]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    "$@"
  fi
}

clean_up() {
  [[ -z $pipeline ]] || { kill "$pipeline" 2>/dev/null && wait "$pipeline" 2>/dev/null; } || true
  as_server "$binaries/pg_ctl" -D "$folder/server/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap clean_up EXIT
trap '[[ ! -s $folder/run.log ]] || { echo "What the pipeline said:"; tail -n 20 "$folder/run.log"; } >&2' ERR

source_sql() { "$psql" -XqAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U postgres -d shop -c "$1"; }
warehouse_sql() {
  for _ in $(seq 300); do
    CDC_READER=$tools/reader node "$root/build/demo/query.mjs" "$folder/warehouse.duckdb" "$1" 2>"$folder/query.log" && return
    sleep 0.2
  done
  cat "$folder/query.log" >&2
  return 1
}

bold "1. A PostgreSQL server with a small shop"
mkdir -p "$folder/server"
[[ $EUID -ne 0 ]] || { chmod 711 "$folder"; chown postgres "$folder/server"; }
as_server "$binaries/initdb" -D "$folder/server/data" -U postgres -A trust --no-sync >/dev/null
cat >>"$folder/server/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$folder/server'
wal_level = logical
fsync = off
SETTINGS
as_server "$binaries/pg_ctl" -D "$folder/server/data" -l "$folder/server/log" -w start >/dev/null
"$psql" -Xq -h 127.0.0.1 -p "$port" -U postgres -d postgres -c 'CREATE DATABASE shop'
source_sql "
  CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, city text);
  CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL, total numeric(10,2), placed timestamptz DEFAULT now());
  INSERT INTO customers SELECT i, 'Customer ' || i, (ARRAY['Graz', 'Linz', 'Wien'])[1 + i % 3] FROM generate_series(1, 500) i;
  INSERT INTO orders SELECT i, 1 + i % 500, (i % 1000) / 7.0 FROM generate_series(1, 20000) i;"
echo "   500 customers and 20,000 orders, on port $port"

bold "2. The pipeline: one file, one command"
cat >"$folder/shop.yaml" <<CONFIGURATION
name: shop
log:
  embedded: { path: ./topics }
sources:
  shop:
    postgres: { host: 127.0.0.1, port: $port, database: shop, user: postgres, create: true }
    tables: [ "public.*" ]
sinks:
  warehouse:
    duckdb: { path: ./warehouse.duckdb }
http: { port: 0 }
CONFIGURATION
sed 's/^/   | /' "$folder/shop.yaml"
echo "   \$ build/cdc run shop.yaml"
"$root/build/cdc" run "$folder/shop.yaml" >"$folder/run.log" 2>&1 &
pipeline=$!
for _ in $(seq 600); do
  [[ $(source_sql "SELECT count(*) FROM pg_replication_slots WHERE active") == 1 ]] && break
  kill -0 "$pipeline" 2>/dev/null || { echo "   It ended. What it said:"; tail -n 20 "$folder/run.log"; exit 1; }
  sleep 0.1
done

# What both sides answer; the warehouse is asked by a process of its own, in the middle of the changes.
show() {
  local asked=${2:-"count(*) || ' orders, total ' || sum(total)"}
  printf '   %-32s %-34s %s\n' "$1" "$(source_sql "SELECT $asked FROM orders")" "$(warehouse_sql "SELECT $asked FROM public.orders")"
}

# What happened, the statements, and what to ask both sides then.
change() {
  source_sql "$2"
  sleep "$pause"
  show "$1" "${3:-}"
}

bold "3. Changes flow while another program queries the warehouse"
printf '   %-32s %-34s %s\n' "" "source" "warehouse"
show "existing rows are read"
change "5,000 orders arrive" "INSERT INTO orders SELECT i, 1 + i % 500, (i % 1000) / 7.0 FROM generate_series(20001, 25000) i"
change "prices are corrected" "UPDATE orders SET total = total + 1 WHERE id % 3 = 0"
change "old orders are deleted" "DELETE FROM orders WHERE id <= 2000"
change "some orders get another number" "UPDATE orders SET id = id + 1000000 WHERE id % 100 = 7" "'highest number ' || max(id)"
change "a column is added and filled" "ALTER TABLE orders ADD COLUMN channel text; UPDATE orders SET channel = 'web' WHERE id % 2 = 0" \
  "count(channel) || ' orders from the ' || min(channel)"

bold "4. Source and warehouse hold the same"
question="SELECT count(*), count(channel), sum(total), min(id), max(id), sum(id * customer) FROM public.orders"
here=$(source_sql "$question")
for _ in $(seq 600); do
  there=$(warehouse_sql "$question")
  [[ $here == "$there" ]] && break
  sleep 0.1
done
echo "   source:    $here"
echo "   warehouse: $there"
[[ $here == "$there" ]] || { echo "   They differ. What the pipeline said:"; tail -n 20 "$folder/run.log"; exit 1; }
echo "   They agree: rows, channels, total, lowest and highest number, sum over numbers and customers. All of it took $((SECONDS - started)) s."

bold "Next, with a database of your own"
cat <<NEXT
   1. Let it write logical changes:   ALTER SYSTEM SET wal_level = logical;   then restart it.
   2. build/cdc init shop.yaml    asks for source and target, shows what it finds there, writes the file.
   3. build/cdc run shop.yaml
NEXT
