// Asks a DuckDB file a question, as any other program of yours would: a process of its own, with DuckDB's own client.
// Ends with 1 where the file is being written in this very moment, or has no such table yet: ask again.
import { createRequire } from 'node:module';

const require = createRequire(process.env.CDC_READER + '/package.json');
const { DuckDBInstance } = require('@duckdb/node-api');
const [file, question] = process.argv.slice(2);

try {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const answer = await connection.runAndReadAll(question);
  console.log(answer.getRowsJson().map((row) => row.join('|')).join('\n'));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
