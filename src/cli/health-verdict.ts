/**
 * What `health` says of a service, from what was seen of it: the worst of all findings, in the words and codes of Nagios.
 * Pure.
 */
import type { DaemonStatus } from '../shared/control-api.ts';

/** Nagios plugin codes, whatever the exit codes of the other commands mean. */
export const NAGIOS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;
export type HealthLevel = keyof typeof NAGIOS;

/** Of /health/detailed, the parts that count here. */
export interface DetailedHealth {
  readonly status: string;
  readonly snowflake_connection: string;
  readonly session_store: string;
  readonly connection_pool: { readonly active: number; readonly max: number; readonly waiting: number };
  readonly sessions: { readonly active: number };
  readonly event_loop: { readonly lag_ms: number };
}

export type Seen =
  | { readonly kind: 'none' }
  | { readonly kind: 'silent'; readonly pid: number }
  | {
      readonly kind: 'running';
      readonly status: DaemonStatus;
      /** Undefined when no worker answered. */
      readonly detail: DetailedHealth | undefined;
      readonly figures: { readonly certificateSeconds: number; readonly keySeconds: number; readonly diskFree: number };
    };

export interface HealthVerdict {
  readonly level: HealthLevel;
  /** The reasons of the level, or what is well. */
  readonly reasons: readonly string[];
  readonly next?: string;
}

interface Reason {
  readonly level: 'warning' | 'critical';
  readonly text: string;
  readonly next: string;
}

const SOON_SECONDS = 14 * 86_400;
const DISK_WARNING = 0.1;
const DISK_CRITICAL = 0.02;
const LAG_WARNING_MS = 1000;

export function healthVerdict(seen: Seen): HealthVerdict {
  if (seen.kind === 'none') {
    return { level: 'critical', reasons: ['the daemon is not running'], next: '`snowflake-mcp-daemon start`' };
  }
  if (seen.kind === 'silent') {
    const reasons = [`the daemon (PID ${seen.pid}) does not answer`];
    return { level: 'critical', reasons, next: 'runbooks/hang.md' };
  }
  const found = [...ofWorkers(seen.status), ...ofService(seen), ...ofFigures(seen.figures)];
  const worst = found.find(({ level }) => level === 'critical') ?? found[0];
  if (worst === undefined) return { level: 'ok', reasons: [wellText(seen)] };
  return { level: worst.level, reasons: found.map(({ text }) => text), next: worst.next };
}

function wellText({ status, detail }: Extract<Seen, { kind: 'running' }>): string {
  const workers = `${status.workers.length} of ${status.workers.length} workers ready`;
  return `${workers}, Snowflake ${detail?.snowflake_connection ?? 'unknown'}, generation ${status.generation}`;
}

function ofWorkers(status: DaemonStatus): Reason[] {
  const ready = status.workers.filter(({ state }) => state === 'ready').length;
  const all = status.workers.length;
  const next = '`snowflake-mcp-daemon status` and runbooks/crash-loop.md';
  if (status.isPaused === true) {
    return [
      { level: 'critical', text: 'no worker takes calls, by order (SIGWINCH)', next: '`snowflake-mcp-daemon reload`' },
    ];
  }
  if (ready === 0)
    return [{ level: 'critical', text: `none of ${all} workers is ready`, next: 'runbooks/not-responding.md' }];
  // A reload replaces one worker after the other: nothing is wrong then.
  if (ready < all && status.state !== 'reloading') {
    return [{ level: 'warning', text: `${ready} of ${all} workers ready`, next }];
  }
  return [];
}

function ofService({ status, detail }: Extract<Seen, { kind: 'running' }>): Reason[] {
  const reasons: Reason[] = [];
  const warn = (text: string, next: string) => void reasons.push({ level: 'warning', text, next });
  if (status.maintenanceSince !== undefined) {
    warn(`in maintenance since ${status.maintenanceSince}`, '`snowflake-mcp-daemon maintenance off`');
  }
  if (detail === undefined) {
    const text = 'no worker answers on its own socket';
    return [...reasons, { level: 'critical', text, next: 'runbooks/hang.md' }];
  }
  const { connection_pool: pool } = detail;
  if (detail.snowflake_connection === 'unhealthy') {
    warn('Snowflake cannot be reached', '`snowflake-mcp-daemon test-connection` and runbooks/snowflake-outage.md');
  }
  if (pool.waiting > 0) warn(`${pool.waiting} calls wait for a connection`, 'runbooks/pool-exhausted.md');
  if (detail.session_store === 'memory') {
    warn('the session store does not work: sessions end with their worker', '`snowflake-mcp-daemon doctor`');
  }
  if (detail.event_loop.lag_ms >= LAG_WARNING_MS) {
    warn(`a worker's event loop lags ${detail.event_loop.lag_ms} ms`, 'runbooks/hang.md');
  }
  return reasons;
}

function ofFigures(figures: Extract<Seen, { kind: 'running' }>['figures']): Reason[] {
  const reasons: Reason[] = [];
  const expires = (what: string, seconds: number, next: string) => {
    if (seconds >= SOON_SECONDS) return;
    const text = seconds <= 0 ? `${what} has expired` : `${what} expires in ${Math.floor(seconds / 86_400)} days`;
    reasons.push({ level: seconds <= 0 ? 'critical' : 'warning', text, next });
  };
  expires('the certificate', figures.certificateSeconds, 'runbooks/certificate.md');
  expires('a client key', figures.keySeconds, '`snowflake-mcp-daemon keys list`, then `keys rotate`');
  if (figures.diskFree < DISK_WARNING) {
    const level = figures.diskFree < DISK_CRITICAL ? 'critical' : 'warning';
    reasons.push({
      level,
      text: `a disk has ${Math.round(figures.diskFree * 100)}% free`,
      next: 'runbooks/disk-full.md',
    });
  }
  return reasons;
}
