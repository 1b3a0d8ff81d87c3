// Reads {"schema": text, "records": [base64…]} from standard input and prints each record as one line of JSON: longs as strings (they may
// exceed 2^53), bytes as "hex:…", numbers that JSON does not know by their names. NODE_PATH names the folder that holds avsc.
'use strict';

const avro = require('avsc');

const long = avro.types.LongType.__with({
  fromBuffer: (bytes) => bytes.readBigInt64LE(),
  toBuffer: (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: (value) => BigInt(value),
  toJSON: (value) => value.toString(),
  isValid: (value) => typeof value === 'bigint',
  compare: (a, b) => (a === b ? 0 : a < b ? -1 : 1),
});

function printable(value) {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Buffer.isBuffer(value)) return `hex:${value.toString('hex')}`;
  if (Array.isArray(value)) return value.map(printable);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, printable(part)]));
}

const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const isLong = (schema) => schema === 'long' || schema.type === 'long';
const type = avro.Type.forSchema(JSON.parse(input.schema), { typeHook: (schema) => (isLong(schema) ? long : undefined), wrapUnions: false });
for (const record of input.records) {
  console.log(JSON.stringify(printable(type.fromBuffer(Buffer.from(record, 'base64')))));
}
