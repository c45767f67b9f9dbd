/**
 * Patterns of policy.allowed_objects and policy.denied_objects: DATABASE.SCHEMA.TABLE with `*` for any characters of a
 * part. A shorter one covers everything below it: `SALES` is `SALES.*.*`. Pure.
 *
 * Unquoted parts are upper-cased as Snowflake does; in double quotes a part is taken as it is and `*` is a plain character.
 */

/** Database, schema, object. */
export type ObjectName = readonly [database: string, schema: string, object: string];

export interface ObjectPattern {
  readonly parts: readonly [RegExp, RegExp, RegExp];
}

/** The pattern that `written` stands for, or undefined when it is none. `ignoreCase`: upper and lower case are the same. */
export function readObjectPattern(written: string, ignoreCase = false): ObjectPattern | undefined {
  const texts = [...written.trim().matchAll(PART)];
  const isWhole = texts.map(([text]) => text).join('') === written.trim();
  if (!isWhole || texts.length === 0 || texts.length > 3 || texts.at(-1)?.[0].endsWith('.')) return undefined;
  const [database = ANY, schema = ANY, object = ANY] = texts.map(([, part = '']) => expression(part, ignoreCase));
  return { parts: [database, schema, object] };
}

const PART = /("(?:[^"]|"")+"|[\p{L}_*][\p{L}\p{N}\p{M}_$*]*)(?:\.(?!$)|$)/gu;
const ANY = /^.*$/su;

function expression(part: string, ignoreCase: boolean): RegExp {
  const flags = ignoreCase ? 'sui' : 'su';
  if (part.startsWith('"')) return new RegExp(`^${escaped(part.slice(1, -1).replaceAll('""', '"'))}$`, flags);
  return new RegExp(`^${part.toUpperCase().split('*').map(escaped).join('.*')}$`, flags);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, (char) => `\\${char}`);
}
