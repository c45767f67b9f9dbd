/** Client keys as people and programs read them; no hash leaves. */
import Table from 'cli-table3';
import { type ClientKey, stateOf } from '../shared/client-keys.ts';
import { formatDuration } from '../shared/units.ts';

interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly scopes: readonly string[];
  readonly created: string;
  readonly expires: string | null;
  readonly last_used: string | null;
  readonly revoked: string | null;
  /** The secret of before the last rotation is good until then. */
  readonly overlap_until: string | null;
  readonly role: string | null;
  readonly identity: string | null;
  readonly limits: ClientKey['limits'] | null;
}

export function keyView(key: ClientKey, lastUse: Date | undefined, now: Date): KeyView {
  const { id, name, scopes, created, expires, revoked, previous, role, identity, limits } = key;
  const overlap = previous !== undefined && Date.parse(previous.until) > now.getTime() ? previous.until : null;
  return {
    id,
    name,
    state: stateOf(key, now),
    scopes,
    created,
    expires: expires ?? null,
    last_used: lastUse?.toISOString() ?? null,
    revoked: revoked ?? null,
    overlap_until: overlap,
    role: role ?? null,
    identity: identity ?? null,
    limits: limits ?? null,
  };
}

const HEAD = ['id', 'name', 'state', 'scopes', 'expires', 'last used', 'snowflake', 'limits'] as const;
export function keysTable(keys: readonly KeyView[]): string {
  if (keys.length === 0) return 'There are no keys.';
  const table = new Table({ head: [...HEAD], style: { head: [], border: [], compact: true } });
  for (const key of keys) {
    const as = [key.identity === null ? '' : `identity ${key.identity}`, key.role === null ? '' : `role ${key.role}`];
    table.push([
      key.id,
      key.name,
      key.overlap_until === null ? key.state : `${key.state}, old secret until ${dayAndTime(key.overlap_until)}`,
      key.scopes.join(','),
      key.expires === null ? 'never' : dayAndTime(key.expires),
      key.last_used === null ? 'never' : dayAndTime(key.last_used),
      as.filter(Boolean).join(', ') || 'as configured',
      limitsText(key.limits),
    ]);
  }
  return table.toString();
}

const dayAndTime = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')}Z`;

function limitsText(limits: ClientKey['limits'] | null): string {
  const parts = [
    limits?.maxRows === undefined ? '' : `${limits.maxRows} rows`,
    limits?.queryTimeoutMs === undefined ? '' : `${formatDuration(limits.queryTimeoutMs)} per query`,
    limits?.requestsPerMinute === undefined ? '' : `${limits.requestsPerMinute}/min`,
    limits?.maxConcurrent === undefined ? '' : `${limits.maxConcurrent} at once`,
    limits?.maxSessions === undefined ? '' : `${limits.maxSessions} sessions`,
  ];
  return parts.filter(Boolean).join(', ') || 'as configured';
}
