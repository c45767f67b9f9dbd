/**
 * Names of databases, schemas and views as agents write them.
 *
 * `"MixedCase"` in double quotes is taken as it is. A plain word is tried in upper case first, as Snowflake reads it in
 * SQL, then exactly as written, since lists show names without quotes. Every name reaches Snowflake quoted.
 */
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { quoteIdentifier, resolveIdentifier } from '../../snowflake/identifier.ts';

/** Control characters other than tab and line ends, and halves of characters: no text of Snowflake holds them. */
const UNHOLDABLE = /[^\P{Cc}\t\n\r\u0080-\u009f]|\p{Surrogate}/u;

export function isHoldable(text: string): boolean {
  return !UNHOLDABLE.test(text);
}

const NO_CONTROLS = { error: 'has a control character or half a character, which no name in Snowflake has' };

export const nameArgument = (what: string) =>
  z
    .string()
    .min(1)
    .max(255)
    .refine(isHoldable, NO_CONTROLS)
    .describe(`${what}. Not case-sensitive unless written in double quotes.`);

/** A part of a name. */
export const partArgument = (what: string) => z.string().min(1).max(255).refine(isHoldable, NO_CONTROLS).describe(what);

/** Snowflake's numbers for "does not exist or not authorized". */
const NOT_FOUND = new Set(['002003', '002043', '2003', '2043']);

function readings(written: string): readonly string[] {
  const usual = resolveIdentifier(written);
  return usual === written || written.startsWith('"') ? [usual] : [usual, written];
}

/** Every way to read the names together, the usual one first; the last name varies fastest. */
function combinations(names: readonly string[]): readonly (readonly string[])[] {
  return names.reduce<readonly (readonly string[])[]>(
    (all, name) => all.flatMap((start) => readings(name).map((reading) => [...start, reading])),
    [[]],
  );
}

function isNotFound(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  if (error.code === 'OBJECT_NOT_FOUND') return true;
  return error.code === 'SQL_ERROR' && NOT_FOUND.has((error.details as { snowflakeCode: string }).snowflakeCode);
}

/**
 * Calls `attempt` with the quoted, dot-joined name for each reading until one exists.
 * The error of the first reading is thrown when none does.
 */
export async function withName<T>(
  names: readonly string[],
  attempt: (quoted: string, parts: readonly string[]) => Promise<T>,
): Promise<T> {
  let first: unknown;
  for (const parts of combinations(names)) {
    try {
      return await attempt(parts.map((part) => quoteIdentifier(part)).join('.'), parts);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

/** A text as a SQL constant. */
export function textLiteral(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A LIKE pattern of SHOW for names that contain a text; `_` in it stands for any character, so what comes is to be checked again. */
export function likeContains(text: string): string {
  return textLiteral(`%${text.replaceAll('%', '_').replaceAll('\\', '_')}%`);
}
