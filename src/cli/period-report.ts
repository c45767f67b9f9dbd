/** The figures of a period out of log lines, gathered in bounded memory: a line at a time, durations in fixed steps. */

export interface PeriodFigures {
  readonly requests: number;
  readonly errors: number;
  readonly errorShare: number;
  /** Upper ends of the steps they lie in. */
  readonly durationMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly sessions: number;
  readonly restarts: number;
  readonly restartsByReason: Readonly<Record<string, number>>;
  readonly errorsByCode: Readonly<Record<string, number>>;
  readonly requestsByTool: Readonly<Record<string, number>>;
  readonly firstLine: string | undefined;
  readonly lastLine: string | undefined;
}

const STEP = 1.1;
/** Ends that somebody asked for. */
const ORDERED: readonly string[] = ['reload', 'stopped'];
const NAMES_MAX = 100;
const SESSIONS_MAX = 1_000_000;

export class PeriodReport {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #steps = new Map<number, number>();
  readonly #sessions = new Set<string>();
  readonly #errors = new Map<string, number>();
  readonly #tools = new Map<string, number>();
  readonly #ends = new Map<string, number>();
  #first: string | undefined;
  #last: string | undefined;

  constructor(fromMs: number, toMs: number) {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
  }

  /** A JSON line of application.log; others are passed over. */
  take(line: string): void {
    if (!line.startsWith('{')) return;
    let facts: Record<string, unknown>;
    try {
      facts = JSON.parse(line) as Record<string, unknown>;
    } catch {
      return;
    }
    const time = String(facts.time);
    const timeMs = Date.parse(time);
    if (!(timeMs >= this.#fromMs && timeMs <= this.#toMs)) return;
    if (this.#first === undefined || time < this.#first) this.#first = time;
    if (this.#last === undefined || time > this.#last) this.#last = time;
    // A call has a line of the audit log too, without msg, and application.log has both.
    if (facts.event === 'tool_call' && facts.msg !== '') this.#takeCall(facts);
    else if (facts.event === 'worker.exited') this.#takeExit(facts);
  }

  #takeCall(facts: Record<string, unknown>): void {
    count(this.#tools, String(facts.tool));
    const code = facts['error.code'];
    if (code !== undefined) count(this.#errors, String(code));
    if (typeof facts.session === 'string' && this.#sessions.size < SESSIONS_MAX) this.#sessions.add(facts.session);
    const step = stepOf(Number(facts.duration_ms));
    this.#steps.set(step, (this.#steps.get(step) ?? 0) + 1);
  }

  #takeExit(facts: Record<string, unknown>): void {
    const reason = String(facts.class);
    if (!ORDERED.includes(reason)) count(this.#ends, reason);
  }

  figures(): PeriodFigures {
    const requests = sum(this.#tools);
    const errors = sum(this.#errors);
    return {
      requests,
      errors,
      errorShare: requests === 0 ? 0 : errors / requests,
      durationMs: { p50: this.#quantile(0.5), p95: this.#quantile(0.95), p99: this.#quantile(0.99) },
      sessions: this.#sessions.size,
      restarts: sum(this.#ends),
      restartsByReason: Object.fromEntries(this.#ends),
      errorsByCode: ordered(this.#errors),
      requestsByTool: ordered(this.#tools),
      firstLine: this.#first,
      lastLine: this.#last,
    };
  }

  #quantile(share: number): number {
    const steps = [...this.#steps].sort(([a], [b]) => a - b);
    const total = steps.reduce((all, [, number]) => all + number, 0);
    let seen = 0;
    for (const [step, number] of steps) {
      seen += number;
      if (seen >= share * total) return Math.round(STEP ** step);
    }
    return 0;
  }
}

function stepOf(durationMs: number): number {
  return durationMs > 1 ? Math.ceil(Math.log(durationMs) / Math.log(STEP)) : 0;
}

function count(counts: Map<string, number>, name: string): void {
  const known = counts.has(name) || counts.size < NAMES_MAX ? name : 'others';
  counts.set(known, (counts.get(known) ?? 0) + 1);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, number) => total + number, 0);
}

function ordered(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
