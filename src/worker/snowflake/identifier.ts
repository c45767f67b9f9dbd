/**
 * Names of Snowflake objects: from what a caller writes to the exact name, and from the exact name to SQL.
 *
 * As in Snowflake's SQL a simple name without quotes means its upper-case form (`orders` is ORDERS), one in double quotes
 * means exactly what stands in them. Anything else (spaces, dots, other alphabets) is taken as it is written. Only quoted
 * names ever become part of a statement, so no name can change what the statement does.
 */

/** The exact name for what a caller wrote: `orders` -> `ORDERS`, `"orders"` -> `orders`, `my table` -> `my table`. */
export function resolveIdentifier(written: string): string {
  const quoted = /^"((?:[^"]|"")+)"$/.exec(written)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(written) ? written.toUpperCase() : written;
}

/** An exact name as SQL; it is not folded to upper case here. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
