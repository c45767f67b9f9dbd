/**
 * What all workers know of sessions and statements, for operators: each worker reports what it alone knows, whoever is
 * asked joins the reports with the shared records. Everybody who asks within a second gets the same answer.
 */
import type { Clock } from '../../shared/clock.ts';
import type { ActiveQuery } from '../query/active.ts';
import type { Activity } from '../session/activity.ts';
import type { FleetView } from '../session/fleet-view.ts';
import { ownerName, type SessionRecord } from '../session/record.ts';
import type { ActiveQueryRow, SessionMemoryRow, SessionRow } from './api-views.ts';
import type { Fellows } from './fellows.ts';
import { sharedAnswer } from './single-flight.ts';

/** What one session keeps in the memory of its worker. */
export interface SessionBuffer {
  readonly id: string;
  readonly bytes: number;
  readonly events: number;
}

/** What only this worker knows; ids are whole, since it never leaves the workers. */
export interface WorkerReport {
  readonly slot: number;
  readonly incarnation: number;
  readonly activity: readonly Activity[];
  /** Sessions without a shared record. */
  readonly sessions: readonly SessionRow[];
  readonly queries: readonly ActiveQuery[];
  readonly buffers: readonly SessionBuffer[];
  readonly completedToday: number;
}

export interface ClusterReport {
  readonly reports: readonly WorkerReport[];
  readonly sessions: readonly SessionRow[];
  readonly sessionsTotal: number;
  readonly missing: readonly number[];
}

export interface ReportSources {
  readonly fleet: FleetView;
  readonly clock: Clock;
  readonly fellows: Fellows;
  own(): Promise<WorkerReport>;
  /** Records of sessions that have not expired, at most `limit`, and how many there are. */
  records(limit: number): Promise<{ readonly records: readonly SessionRecord[]; readonly total: number }>;
}

export const OWN_REPORT_PATH = '/worker/report';
const KEEP_MS = 1000;
const SESSIONS_MAX = 1000;

export function createClusterReport(sources: ReportSources): () => Promise<ClusterReport> {
  return sharedAnswer(sources.clock, KEEP_MS, () => makeReport(sources));
}

async function makeReport({ fellows, own, records, fleet }: ReportSources): Promise<ClusterReport> {
  const [mine, others, stored] = await Promise.all([
    own(),
    fellows.ask<WorkerReport>('GET', OWN_REPORT_PATH),
    records(SESSIONS_MAX),
  ]);
  const reports = [mine, ...others.answers];
  const unstored = reports.flatMap((report) => report.sessions);
  const sessions = [...stored.records.map((record) => sessionRow(record, reports, fleet)), ...unstored];
  sessions.sort((a, b) => (a.last_activity < b.last_activity ? 1 : -1));
  return {
    reports,
    sessions: sessions.slice(0, SESSIONS_MAX),
    sessionsTotal: stored.total + unstored.length,
    missing: others.missing,
  };
}

function sessionRow(record: SessionRecord, reports: readonly WorkerReport[], fleet: FleetView): SessionRow {
  const owner = fleet.workers().find(({ incarnation }) => ownerName(fleet.daemon, incarnation) === record.owner);
  const report = reports.find(({ incarnation }) => incarnation === owner?.incarnation);
  const used = report?.activity.find(({ id }) => id === record.id);
  return rowOf(record, used, owner?.slot ?? null);
}

/** A session of one worker by its record and what the worker knows of its use. */
export function rowOf(record: SessionRecord, used: Activity | undefined, slot: number | null): SessionRow {
  return {
    session_id: shortId(record.id),
    client: record.client,
    transport: 'http',
    protocol: record.protocol,
    principal: record.principal,
    created_at: new Date(record.createdAtMs).toISOString(),
    last_activity: new Date(Math.max(record.usedAtMs, used?.lastAtMs ?? 0)).toISOString(),
    requests: used?.requests ?? 0,
    worker: slot,
  };
}

export const shortId = (sessionId: string): string => sessionId.slice(0, 8);

/** The oldest first. */
export function queryRows(report: ClusterReport, nowMs: number): ActiveQueryRow[] {
  return report.reports
    .flatMap(({ slot, incarnation, queries }) =>
      queries.map(({ id, queryId, caller, kind, startedAtMs, state }) => ({
        id: queryName(incarnation, id),
        query_id: queryId,
        session: caller.session === undefined ? null : shortId(caller.session),
        principal: caller.principal,
        tool: caller.tool,
        kind,
        started_at: new Date(startedAtMs).toISOString(),
        seconds: Math.max(0, Math.round(nowMs - startedAtMs) / 1000),
        state,
        worker: slot,
      })),
    )
    .sort((a, b) => b.seconds - a.seconds);
}

/** Names a statement in the cluster; what is no name of this form is Snowflake's query id. */
function queryName(incarnation: number, id: string): string {
  return id.includes('-') ? id : `${incarnation}.${id}`;
}

/** The worker's own id of a statement by its name in the cluster; undefined when another worker has it. */
export function ownQueryId(name: string, incarnation: number): string | undefined {
  const [, number, id] = /^(\d+)\.(\d+)$/.exec(name) ?? [];
  if (id === undefined) return name;
  return Number(number) === incarnation ? id : undefined;
}

/** The largest first; sessions that keep nothing are left out. */
export function memoryRows(report: ClusterReport): SessionMemoryRow[] {
  return report.reports
    .flatMap(({ slot, buffers, queries }) => {
      const ids = new Set([...buffers.map(({ id }) => id), ...queries.flatMap(({ caller }) => caller.session ?? [])]);
      return [...ids].map((id) => {
        const buffer = buffers.find((one) => one.id === id);
        return {
          session_id: shortId(id),
          worker: slot,
          bytes_buffered: buffer?.bytes ?? 0,
          events: buffer?.events ?? 0,
          queries: queries.filter(({ caller }) => caller.session === id).length,
        };
      });
    })
    .sort((a, b) => b.bytes_buffered - a.bytes_buffered);
}
