/**
 * The resource that a statement defines anew: the table or view after CREATE, ALTER, DROP, UNDROP, COMMENT ON or GRANT.
 *
 * Undefined where the text does not tell: a change is a hint, and the list of resources is told as changed anyway.
 */
import type { Token } from '../../shared/sql/token.ts';
import { uriOf } from './resources.ts';

export interface NameDefaults {
  readonly database?: string | undefined;
  readonly schema?: string | undefined;
}

const KINDS = new Set(['TABLE', 'VIEW']);
const FILLERS = new Set(['IF', 'NOT', 'EXISTS']);
/** `TABLE` stands near the begin of a statement, or after ON. */
const LOOKED_AT = 40;

export function definedResource(tokens: readonly Token[], defaults: NameDefaults): string | undefined {
  const kind = tokens.slice(0, LOOKED_AT).findIndex(({ kind: it, value }) => it === 'word' && KINDS.has(value));
  if (kind === -1) return undefined;
  let at = kind + 1;
  while (isFiller(tokens[at])) at++;
  const names: string[] = [];
  for (let next = tokens[at]; isName(next); next = tokens[at]) {
    names.push(next.value);
    if (tokens[at + 1]?.value !== '.') break;
    at += 2;
  }
  const { database, schema } = defaults;
  const [object, inSchema = schema, inDatabase = database] = names.reverse();
  if (object === undefined || inSchema === undefined || inDatabase === undefined) return undefined;
  return uriOf([inDatabase, inSchema, object]);
}

const isFiller = (token: Token | undefined) => token?.kind === 'word' && FILLERS.has(token.value);
const isName = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'quoted';
