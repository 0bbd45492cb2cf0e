import { execFileSync } from "node:child_process";

/** A database of our own in the throw-away cluster, made and dropped by psql. */
export async function ownDatabase() {
  const cluster = process.env["DUTYBOARD_TEST_PG"] ?? "";
  const name = `conformance_${process.pid}`;
  const sql = (/** @type {string} */ statement) =>
    execFileSync("psql", [cluster, "-qc", statement], { stdio: ["ignore", "ignore", "inherit"] });
  sql(`CREATE DATABASE ${name}`);
  const url = cluster.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`);
  return { url, drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`) };
}
