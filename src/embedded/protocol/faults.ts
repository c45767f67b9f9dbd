/**
 * Faults by plan: which call of the protocol goes wrong, how, and how often.
 *
 * A plan names calls by path, by the statement's text or by their number, and is used up after `times` hits. The plans
 * are looked at in the order they were given and the first that fits is taken. Only the holder of the control token, or
 * whoever started the engine in its own process, can give one; without plans nothing here has an effect.
 */
import { asObject } from './http.ts';

export const FAULT_KINDS = [
  /** Answers `delayMs` later. */
  'slow',
  /** Closes the socket without an answer. */
  'drop',
  'http-503',
  'http-500',
  /** The caller's session token has expired: 390112 until it is renewed. */
  'expired-token',
  /** The caller's session does not exist any more: 390104. */
  'gone-session',
  /** Never answers; the socket stays open until the client or the server closes it. */
  'hang',
  /** Carries the call out, sends the first half of the answer and closes the socket. */
  'half-answer',
  /** Sends rows that are cut in the middle as a chunk that looks whole. */
  'bad-chunk',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultPlan {
  readonly match?: {
    /** A part of the call's path; without it only statements (for `bad-chunk`, only chunks) are meant. */
    readonly path?: string;
    /** Regular expression on the text of the statement the call is about; case does not matter. */
    readonly sqlPattern?: string;
    /** The first matching call that goes wrong, from 1. */
    readonly nth?: number;
  };
  readonly fault: FaultKind;
  /** How many calls go wrong; 1 by default, 0 means every one. */
  readonly times?: number;
  /** For `slow`; 1,000 by default. */
  readonly delayMs?: number;
}

export interface FaultReport extends FaultPlan {
  readonly id: number;
  /** Calls that matched. */
  readonly seen: number;
  /** Calls that went wrong. */
  readonly hits: number;
}

/** A call as the plans see it. */
export interface FaultTarget {
  readonly path: string;
  readonly sqlText: string | undefined;
}

export interface FaultHit {
  readonly fault: FaultKind;
  readonly delayMs: number;
}

interface Entry {
  readonly id: number;
  readonly plan: FaultPlan;
  readonly sql: RegExp | undefined;
  seen: number;
  hits: number;
}

const PLANS_MAX = 100;
const DELAY_MS = 1000;
const QUERY_PATH = '/queries/v1/query-request';

export class Faults {
  #entries: Entry[] = [];
  #nextId = 1;

  /** @throws Error when 100 plans are held, or the pattern is no regular expression. */
  add(plan: FaultPlan): FaultReport {
    if (this.#entries.length >= PLANS_MAX) throw new Error(`${PLANS_MAX} fault plans are held, the most: clear them`);
    const pattern = plan.match?.sqlPattern;
    const sql = pattern === undefined ? undefined : new RegExp(pattern, 'i');
    const entry: Entry = { id: this.#nextId++, plan, sql, seen: 0, hits: 0 };
    this.#entries.push(entry);
    return report(entry);
  }

  list(): FaultReport[] {
    return this.#entries.map(report);
  }

  clear(): void {
    this.#entries = [];
  }

  /** The fault this call must suffer, counted as a hit; undefined when it goes well. */
  take(target: FaultTarget): FaultHit | undefined {
    for (const entry of this.#entries) {
      if (!isMeant(entry, target)) continue;
      entry.seen++;
      const { times = 1, delayMs = DELAY_MS, fault, match } = entry.plan;
      if (entry.seen < (match?.nth ?? 1) || (times > 0 && entry.hits >= times)) continue;
      entry.hits++;
      return { fault, delayMs };
    }
    return undefined;
  }
}

function isMeant({ plan, sql }: Entry, { path, sqlText }: FaultTarget): boolean {
  const isChunk = path.startsWith('/chunks/');
  if ((plan.fault === 'bad-chunk') !== isChunk && (plan.fault === 'bad-chunk' || plan.match?.path === undefined)) {
    return false;
  }
  const wanted = plan.match?.path ?? (isChunk ? '/chunks/' : QUERY_PATH);
  return path.includes(wanted) && (sql === undefined || (sqlText !== undefined && sql.test(sqlText)));
}

function report({ id, plan, seen, hits }: Entry): FaultReport {
  return { ...plan, id, seen, hits };
}

/** Plans out of a request's body: one plan, or `{faults: [plan, ..]}`. @throws Error that says what is wrong. */
export function readPlans(body: Readonly<Record<string, unknown>>): FaultPlan[] {
  const given: unknown = Object.hasOwn(body, 'faults') ? body.faults : [body];
  if (!Array.isArray(given) || given.length === 0) throw new Error('"faults" must be a list of plans');
  return given.map((each) => readPlan(asObject(each)));
}

function readPlan(given: Readonly<Record<string, unknown>>): FaultPlan {
  const fault = FAULT_KINDS.find((kind) => kind === given.fault);
  if (fault === undefined) throw new Error(`"fault" must be one of ${FAULT_KINDS.join(', ')}`);
  const match = asObject(given.match);
  const path = optional(match, 'path', isText, 'a text');
  const sqlPattern = optional(match, 'sqlPattern', isText, 'a text');
  const nth = optional(match, 'nth', isCount, 'a whole number');
  const times = optional(given, 'times', isCount, 'a whole number');
  const delayMs = optional(given, 'delayMs', isCount, 'a whole number');
  return { fault, match: { ...path, ...sqlPattern, ...nth }, ...times, ...delayMs };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 1000;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function optional<K extends string, T>(
  from: Readonly<Record<string, unknown>>,
  key: K,
  isGood: (value: unknown) => value is T,
  what: string,
): Partial<Record<K, T>> {
  const value = Object.hasOwn(from, key) ? from[key] : undefined;
  if (value === undefined) return {};
  if (!isGood(value)) throw new Error(`"${key}" must be ${what}`);
  return { [key]: value } as Partial<Record<K, T>>;
}
