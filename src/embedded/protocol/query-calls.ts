/**
 * Query calls of the protocol: run, wait, fetch, status and cancel.
 *
 * A query that is still running after `longPollMs` is answered 333333 with the address of its result; the
 * driver asks there again at once, so that address waits as long. asyncExec is answered 333334 at once.
 */
import { SnowflakeError } from '../errors.ts';
import type { Bind } from '../statement.ts';
import { asObject, asText, type Envelope, failed, type Json, succeeded } from './http.ts';
import { readParameters } from './parameters.ts';
import type { Queries } from './queries.ts';
import type { Query, QueryState, QueryStore } from './query-store.ts';
import { chunkFields, inlineRows, rowType } from './results.ts';
import type { SessionRecord } from './sessions.ts';

export interface QueryParts {
  readonly queries: Queries;
  readonly store: QueryStore;
  readonly longPollMs: number;
}

const ARRAY_ROWS_MAX = 100_000;
const IN_PROGRESS = '333333';
const IN_PROGRESS_ASYNC = '333334';

const STATUS: Readonly<Record<QueryState, string>> = {
  queued: 'QUEUED',
  running: 'RUNNING',
  success: 'SUCCESS',
  failed: 'FAILED_WITH_ERROR',
  aborted: 'ABORTED',
};

/** `baseUrl` is how the client reaches this server; chunk addresses begin with it. */
export async function runQuery(
  parts: QueryParts,
  record: SessionRecord,
  requestId: string,
  body: Json,
  baseUrl: string,
): Promise<Envelope> {
  let binds: readonly Bind[];
  try {
    binds = readBinds(asObject(body.bindings));
  } catch (error) {
    if (error instanceof SnowflakeError) return failed(error);
    throw error;
  }
  const query = parts.queries.submit(record, {
    requestId,
    sqlText: asText(body.sqlText),
    binds,
    parameters: readParameters(asObject(body.parameters)),
    describeOnly: body.describeOnly === true,
  });
  if (body.asyncExec === true) return inProgress(query, IN_PROGRESS_ASYNC);
  return waitForResult(parts, query, baseUrl);
}

export async function fetchResult(parts: QueryParts, queryId: string, baseUrl: string): Promise<Envelope> {
  const query = parts.store.byId(queryId);
  return query === undefined ? failed(notFound(queryId), queryId) : waitForResult(parts, query, baseUrl);
}

async function waitForResult(parts: QueryParts, query: Query, baseUrl: string): Promise<Envelope> {
  if (query.outcome.kind === 'pending') await settledWithin(query.done, parts.longPollMs);
  const { outcome } = query;
  switch (outcome.kind) {
    case 'pending':
      return inProgress(query, IN_PROGRESS);
    case 'failed':
      return failed(outcome.error, query.id);
    case 'dropped':
      return failed(notFound(query.id), query.id);
    case 'stored': {
      const { result, at, children, chunkKey } = outcome;
      return succeeded({
        queryId: query.id,
        rowtype: rowType(result.columns),
        rowset: inlineRows(result),
        ...chunkFields(result, (index) => `${baseUrl}/chunks/${chunkKey}/${index}`),
        total: result.rows.length,
        returned: result.rows.length,
        statementTypeId: result.statementTypeId,
        version: 1,
        queryResultFormat: 'json',
        numberOfBinds: 0,
        arrayBindSupported: false,
        databaseProvider: null,
        finalDatabaseName: at.database ?? null,
        finalSchemaName: at.schema ?? null,
        finalWarehouseName: at.warehouse ?? null,
        finalRoleName: at.role,
        parameters: at.parameters,
        ...multiFields(children),
      });
    }
    default:
      return outcome satisfies never;
  }
}

function multiFields(children: readonly Query[]): Json {
  if (children.length === 0) return {};
  const types = children.map(({ outcome }) => (outcome.kind === 'stored' ? outcome.result.statementTypeId : 0));
  return { resultIds: children.map(({ id }) => id).join(','), resultTypes: types.join(',') };
}

export function queryStatus(parts: QueryParts, queryId: string): Envelope {
  const query = parts.store.byId(queryId);
  if (query === undefined) return succeeded({ queries: [] });
  const error = query.outcome.kind === 'failed' ? query.outcome.error : undefined;
  return succeeded({
    queries: [
      {
        id: query.id,
        status: STATUS[query.state],
        state: STATUS[query.state],
        sqlText: query.sqlText,
        queryTag: query.tag,
        sessionId: Number(query.sessionId),
        startTime: query.startedAt,
        endTime: query.endedAt ?? 0,
        totalDuration: (query.endedAt ?? Date.now()) - query.startedAt,
        errorCode: error?.code ?? null,
        errorMessage: error?.message ?? null,
      },
    ],
  });
}

/** Cancel by request id, before the client knows the query id. */
export function abortByRequest(parts: QueryParts, record: SessionRecord, body: Json): Envelope {
  return aborted(parts, parts.store.byRequest(record.session.id, asText(body.requestId)));
}

export function abortById(parts: QueryParts, queryId: string): Envelope {
  return aborted(parts, parts.store.byId(queryId));
}

function aborted(parts: QueryParts, query: Query | undefined): Envelope {
  if (parts.queries.cancel(query)) return succeeded(null);
  const text = 'Identified SQL statement is not currently executing.';
  return failed(new SnowflakeError('000605', '57014', text), query?.id);
}

function inProgress(query: Query, code: string): Envelope {
  const data = {
    queryId: query.id,
    getResultUrl: `/queries/${query.id}/result`,
    progressDesc: null,
    queryAbortsAfterSecs: 300,
  };
  return { success: true, code, message: 'Query execution in progress.', data };
}

function notFound(queryId: string): SnowflakeError {
  return new SnowflakeError('000709', '02000', `Statement ${queryId} not found`);
}

/** Binds by position from 1. @throws SnowflakeError for an array bind with more rows than the engine takes. */
function readBinds(bindings: Json): readonly Bind[] {
  const binds: Bind[] = [];
  for (let at = 1; bindings[String(at)] !== undefined; at++) {
    const { type, value } = asObject(bindings[String(at)]);
    if (Array.isArray(value)) {
      if (value.length > ARRAY_ROWS_MAX) {
        const text = `Unsupported feature: the embedded engine binds at most ${ARRAY_ROWS_MAX} rows at once.`;
        throw new SnowflakeError('000002', '0A000', text);
      }
      binds.push({ type: asText(type), value: null, values: value.map(bindText) });
    } else binds.push({ type: asText(type), value: bindText(value) });
  }
  return binds;
}

function bindText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

async function settledWithin(done: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done, timeout]);
  clearTimeout(timer);
}
