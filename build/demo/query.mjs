// Asks a DuckDB file a question, as any other program of yours would: a process of its own, with DuckDB's own client.
// A file that is being written in this very moment is asked again shortly after.
import { createRequire } from 'node:module';

const require = createRequire(process.env.CDC_READER + '/package.json');
const { DuckDBInstance } = require('@duckdb/node-api');
const [file, question] = process.argv.slice(2);

for (let attempt = 1; ; attempt++) {
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
    const connection = await instance.connect();
    const answer = await connection.runAndReadAll(question);
    console.log(answer.getRowsJson().map((row) => row.join('|')).join('\n'));
    break;
  } catch (error) {
    if (attempt === 600 || !/lock|conflict|does not exist|Catalog Error/i.test(String(error))) {
      console.error(String(error));
      process.exit(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
