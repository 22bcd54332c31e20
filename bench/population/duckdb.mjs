// DuckDB on the peers' tables: loads them once, answers the ten screenings in one query, and prints what it counted and how long each repeat took.
//   node duckdb.mjs TABLES screenings.sql THREADS REPEATS [ROWS.csv]
import { readFileSync, existsSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const [tables, sql, threads, repeats, rows] = process.argv.slice(2);
const file = `${tables}/peers.duckdb`;
const fresh = !existsSync(file);
const connection = await (await DuckDBInstance.create(file, { threads })).connect();
if (fresh) {
  await connection.run(`CREATE TABLE patients AS SELECT patient::INTEGER AS patient, birth::INTEGER AS birth, sex FROM read_csv('${tables}/patients.csv', header = true)`);
  await connection.run(`CREATE TABLE raw AS SELECT * FROM read_csv('${tables}/facts.csv', header = true, types = {'code': 'VARCHAR'})`);
  await connection.run(`CREATE TABLE codes AS SELECT row_number() OVER (ORDER BY code)::INTEGER AS id, code FROM (SELECT DISTINCT code FROM raw)`);
  await connection.run(`CREATE TABLE facts AS SELECT r.patient::INTEGER AS patient, c.id AS code, r.date::INTEGER AS date FROM raw r JOIN codes c USING (code) ORDER BY c.id, r.patient`);
  await connection.run(`DROP TABLE raw`);
}
const query = readFileSync(sql, "utf8");
const counts = `${query} SELECT screening, CASE WHEN due < 20260301 THEN 'overdue' WHEN due <= 20260430 THEN 'due_soon' ELSE 'up_to_date' END AS status, count(*) AS n FROM rows_due GROUP BY 1, 2 ORDER BY 1, 2`;
let answer;
for (let i = 0; i < Number(repeats); i++) {
  const before = process.hrtime.bigint();
  answer = (await connection.runAndReadAll(counts)).getRows();
  console.log(`seconds ${Number(process.hrtime.bigint() - before) / 1e9}`);
}
for (const [screening, status, n] of answer) console.log(`${screening},${status},${n}`);
if (rows)
  await connection.run(`COPY (${query} SELECT patient, screening, CASE WHEN due < 20260301 THEN 'overdue' WHEN due <= 20260430 THEN 'due_soon' ELSE 'up_to_date' END AS status, CASE WHEN due > 30000000 THEN NULL ELSE due END AS due FROM rows_due ORDER BY 1, 2) TO '${rows}' (HEADER false)`);
process.exit(0);
