/**
 * Binds and session variables as SQL literals. Every text is quoted afresh; nothing a client sends is pasted.
 */
import { SnowflakeError } from '../errors.ts';
import type { Bind, EmbeddedSession } from '../statement.ts';
import { quoteText } from './nodes.ts';

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** @throws SnowflakeError 002049 for a bind that was not sent */
export function bindLiteral(bind: Bind | undefined): string {
  if (bind === undefined)
    throw new SnowflakeError('002049', '42601', 'SQL compilation error:\nBind variable ? not set.');
  const { type, value } = bind;
  if (value === null) return 'NULL';
  switch (type.toUpperCase()) {
    case 'FIXED':
      return NUMBER.test(value) ? value : `CAST(${quoteText(value)} AS DOUBLE)`;
    case 'REAL':
      return `CAST(${quoteText(value)} AS DOUBLE)`;
    case 'BOOLEAN':
      return /^(true|1)$/i.test(value) ? 'TRUE' : 'FALSE';
    case 'DATE':
      return `CAST(make_timestamp(${wholeNumber(value)} * 1000) AS DATE)`;
    case 'TIMESTAMP_NTZ':
      return `make_timestamp(${wholeNumber(value)} // 1000)`;
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_TZ':
      return `make_timestamptz(${wholeNumber(value.split(' ')[0] ?? '')} // 1000)`;
    case 'BINARY':
      return `unhex(${quoteText(value)})`;
    case 'VARIANT':
    case 'OBJECT':
    case 'ARRAY':
      return `SF_PARSE_JSON(${quoteText(value)})`;
    default:
      return quoteText(value);
  }
}

function wholeNumber(value: string): string {
  if (/^-?\d{1,19}$/.test(value)) return value;
  throw new SnowflakeError('100038', '22018', `Numeric value '${value}' is not recognized`);
}

/** SET keeps a variable as the literal that stands for it: a number as it is, text in quotes. */
export function variableLiteral(text: string, session: EmbeddedSession): string {
  const name = text.slice(1).toUpperCase();
  const value = session.variables.get(name);
  if (value === undefined) {
    throw new SnowflakeError('000904', '42000', `SQL compilation error:\nSession variable '$${name}' does not exist`);
  }
  return NUMBER.test(value) ? value : /^(true|false)$/i.test(value) ? value.toUpperCase() : quoteText(value);
}
