/**
 * Which tables and views clients may read: policy.allowed_objects and policy.denied_objects against the names of a
 * statement, resolved as Snowflake would resolve them. Pure.
 *
 * When a list is set, a name that cannot be resolved for certain is refused. A name without a schema must be allowed in
 * the call's schema and in PUBLIC, since Snowflake looks in both. What a view reads behind its name is not looked at.
 */
import { type ObjectName, type ObjectPattern, readObjectPattern } from '../../shared/config/object-pattern.ts';
import { nameInText, nameKey } from './names.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Something a statement names; parts as Snowflake folds them, '' for a schema left out between two dots. */
export type Reference =
  | {
      readonly of: 'object' | 'schema' | 'database';
      readonly parts: readonly string[];
      /** What is done to the place is done to all that is in it. */
      readonly isWhole?: boolean;
    }
  /** What is named cannot be told: a stage, a name inside a text. */
  | { readonly of: 'unknown'; readonly what: string };

/** Where names without a database or schema belong to; undefined where that is not known. */
export interface NameHome {
  readonly database: string | undefined;
  readonly schema: string | undefined;
}

export interface ObjectPolicy {
  /** True when no list is set: everything that the role may read. */
  readonly isOpen: boolean;
  /** Why one of the references may not be used, if any. */
  judge(references: readonly Reference[], home: NameHome): Refusal | undefined;
  /** Says for each row of a list of objects whether its object may be read; undefined when `columns` are no such list. */
  rowFilter(columns: readonly string[]): ((row: readonly unknown[]) => boolean) | undefined;
}

export const OPEN_OBJECTS: ObjectPolicy = { isOpen: true, judge: () => undefined, rowFilter: () => undefined };

/** @param lists patterns as in the configuration, which has checked them */
export function objectPolicy(lists: { allowed: readonly string[]; denied: readonly string[] }): ObjectPolicy {
  const allowed = lists.allowed.flatMap((written) => readObjectPattern(written) ?? []);
  const denied = lists.denied.flatMap((written) => readObjectPattern(written, true) ?? []);
  if (allowed.length === 0 && denied.length === 0) return OPEN_OBJECTS;

  const mayRead = (name: readonly string[]): boolean =>
    (allowed.length === 0 || allowed.some((pattern) => covers(pattern, name))) &&
    !denied.some((pattern) => covers(pattern, name) || covers(pattern, upper(name)));
  /** True when something in that database or schema may be read. */
  const mayEnter = (place: readonly string[]): boolean =>
    (allowed.length === 0 || allowed.some((pattern) => covers(pattern, place))) &&
    !denied.some(
      (pattern) =>
        (covers(pattern, place) || covers(pattern, upper(place))) && pattern.parts.slice(place.length).every(isAny),
    );

  /** True when everything in that schema may be read. */
  const mayTake = (place: readonly string[]): boolean =>
    (allowed.length === 0 ||
      allowed.some((pattern) => covers(pattern, place) && pattern.parts.slice(place.length).every(isAny))) &&
    !denied.some((pattern) => covers(pattern, place) || covers(pattern, upper(place)));

  return {
    isOpen: false,
    judge(references, home) {
      for (const reference of references) {
        if (reference.of === 'unknown') return refuse('object', `${reference.what} beside object lists`);
        const names = reference.of === 'object' ? resolveObject(reference.parts, home) : resolvePlace(reference, home);
        const shown = shownName(reference.parts);
        if (names === undefined) return refuse('object', `${shown}: its database or schema is not known here`);
        const isFine = names.every(reference.of === 'object' ? mayRead : reference.isWhole ? mayTake : mayEnter);
        if (!isFine) return refuse('object', `${shown} is not an object that may be read`);
      }
      return undefined;
    },
    rowFilter: (columns) => listFilter(columns, mayRead, mayEnter),
  };
}

type Judge = (name: readonly string[]) => boolean;

/** Of the rows of SHOW and of INFORMATION_SCHEMA, by the columns that name the object of each. */
function listFilter(columns: readonly string[], mayRead: Judge, mayEnter: Judge) {
  const at = (...names: string[]) => columns.findIndex((column) => names.includes(column.toLowerCase()));
  const text = (row: readonly unknown[], index: number) => String(row[index] ?? '');
  const read = (...indexes: number[]) => {
    return (row: readonly unknown[]) => mayRead(indexes.map((index) => text(row, index)));
  };

  // SHOW IMPORTED KEYS, SHOW EXPORTED KEYS
  const [primary, foreign] = ['pk_', 'fk_'].map((key) => [
    `${key}database_name`,
    `${key}schema_name`,
    `${key}table_name`,
  ]);
  if (primary?.every((name) => at(name) !== -1) && foreign?.every((name) => at(name) !== -1)) {
    const ends = [primary, foreign].map((names) => read(...names.map((name) => at(name))));
    return (row: readonly unknown[]) => ends.every((isFine) => isFine(row));
  }
  const grantedOn = at('granted_on', 'grant_on');
  if (grantedOn !== -1) {
    return (row: readonly unknown[]) => isGrantShown(text(row, grantedOn), text(row, at('name')), mayRead, mayEnter);
  }

  const [database, schema] = [at('database_name', 'table_catalog', 'catalog_name'), at('schema_name', 'table_schema')];
  const name = at('name', 'view_name');
  const own = [at('semantic_view_name'), name, at('table_name')].find((index) => index !== -1) ?? -1;
  if (database !== -1 && schema !== -1 && own !== -1) {
    const isFine = read(database, schema, own);
    const [builtIn, base] = [at('is_builtin'), name === -1 || at('semantic_view_name') !== -1 ? -1 : at('table_name')];
    return (row: readonly unknown[]) => {
      if (builtIn !== -1 && text(row, builtIn) === 'Y') return true;
      // SHOW TERSE lists databases and schemas with the same columns, where these are empty.
      const place = [database, schema].map((index) => text(row, index)).filter((part) => part !== '');
      if (place.length < 2) return mayEnter([...place, text(row, own)]);
      return isFine(row) && (base === -1 || mayReadText(text(row, base), mayRead));
    };
  }
  if (database !== -1 && schema === -1 && own !== -1) {
    return (row: readonly unknown[]) => mayEnter([text(row, database), text(row, own)]);
  }
  // SHOW DATABASES
  const isDatabases = database === -1 && own !== -1 && at('is_default') !== -1 && at('origin') !== -1;
  return isDatabases ? (row: readonly unknown[]) => mayEnter([text(row, own)]) : undefined;
}

/** SHOW GRANTS names what a privilege is on by one text. */
function isGrantShown(type: string, name: string, mayRead: Judge, mayEnter: Judge): boolean {
  if (ACCOUNT_GRANTS.test(type)) return true;
  const parts = nameInText(name);
  if (parts === undefined) return false;
  return type === 'DATABASE' || type === 'SCHEMA' ? mayEnter(parts) : mayReadText(name, mayRead);
}

/** What a privilege may be on that belongs to no database. */
const ACCOUNT_GRANTS =
  /^(ACCOUNT|ROLE|USER|WAREHOUSE|INTEGRATION|RESOURCE_MONITOR|COMPUTE_POOL|SHARE|NETWORK_POLICY|APPLICATION_ROLE)$/;

/** A name with its database and schema, perhaps with the types of its arguments, that may be read. */
function mayReadText(name: string, mayRead: Judge): boolean {
  const parts = nameInText(name.replace(/\(.*$/s, ''));
  return parts?.length === 3 && mayRead(parts);
}

function covers(pattern: ObjectPattern, name: readonly string[]): boolean {
  return name.every((part, at) => pattern.parts[at]?.test(part) === true);
}

function upper(name: readonly string[]): string[] {
  return name.map((part) => part.toUpperCase());
}

function isAny(part: RegExp): boolean {
  return part.source === '^.*$';
}

/** Every object the name may stand for, or undefined when that is not known. */
function resolveObject(parts: readonly string[], home: NameHome): ObjectName[] | undefined {
  const [first = '', second, third] = parts;
  if (third !== undefined)
    return parts.length === 3 ? [[first, second === '' ? 'PUBLIC' : (second ?? ''), third]] : undefined;
  const { database, schema } = home;
  if (database === undefined) return undefined;
  if (second !== undefined) return [[database, first, second]];
  if (schema === undefined) return undefined;
  return [
    [database, schema, first],
    [database, 'PUBLIC', first],
  ];
}

function resolvePlace(
  reference: Reference & { of: 'object' | 'schema' | 'database' },
  home: NameHome,
): string[][] | undefined {
  const { of, parts } = reference;
  if (of === 'database') return parts.length === 1 ? [[...parts]] : undefined;
  if (parts.length === 2) return [[...parts]];
  const { database, schema } = home;
  const name = parts[0] ?? schema;
  return database === undefined || name === undefined || parts.length > 2 ? undefined : [[database, name]];
}

function shownName(parts: readonly string[]): string {
  const text = nameKey(parts);
  return text.length > 200 ? 'a long name' : text;
}
