/**
 * Session parameters as the driver needs them in replies.
 *
 * Each query reply must carry the output formats and the time zone: the driver reads them from there and
 * from nowhere else, and fails on a binary cell without BINARY_OUTPUT_FORMAT. Values that look like booleans
 * or whole numbers are sent as such, because the driver takes the text 'false' for true.
 */
const DEFAULTS: Readonly<Record<string, string>> = {
  AUTOCOMMIT: 'true',
  BINARY_OUTPUT_FORMAT: 'HEX',
  CLIENT_SESSION_KEEP_ALIVE: 'false',
  DATE_OUTPUT_FORMAT: 'YYYY-MM-DD',
  MULTI_STATEMENT_COUNT: '1',
  QUERY_TAG: '',
  ROWS_PER_RESULTSET: '0',
  STATEMENT_TIMEOUT_IN_SECONDS: '172800',
  TIMESTAMP_LTZ_OUTPUT_FORMAT: '',
  TIMESTAMP_NTZ_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3',
  TIMESTAMP_OUTPUT_FORMAT: 'YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM',
  TIMESTAMP_TZ_OUTPUT_FORMAT: '',
  TIMEZONE: 'UTC',
  TIME_OUTPUT_FORMAT: 'HH24:MI:SS',
};

/** What a query reply carries, beside the session parameters of the login reply. */
const IN_QUERY_REPLIES = [
  'BINARY_OUTPUT_FORMAT',
  'DATE_OUTPUT_FORMAT',
  'JS_TREAT_INTEGER_AS_BIGINT',
  'TIMESTAMP_LTZ_OUTPUT_FORMAT',
  'TIMESTAMP_NTZ_OUTPUT_FORMAT',
  'TIMESTAMP_OUTPUT_FORMAT',
  'TIMESTAMP_TZ_OUTPUT_FORMAT',
  'TIMEZONE',
  'TIME_OUTPUT_FORMAT',
];

export interface WireParameter {
  readonly name: string;
  readonly value: string | number | boolean;
}

/** The parameters of a new session: Snowflake's defaults, then what the login asks for. */
export function sessionParameters(asked: Readonly<Record<string, unknown>>): Map<string, string> {
  const parameters = new Map(Object.entries(DEFAULTS));
  for (const [name, value] of readParameters(asked)) parameters.set(name, value);
  return parameters;
}

/** Scalars of a JSON object by upper-case name, as text; everything else is left out. */
export function readParameters(asked: Readonly<Record<string, unknown>>): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of Object.entries(asked)) {
    if (['string', 'number', 'boolean'].includes(typeof value)) parameters.set(name.toUpperCase(), String(value));
  }
  return parameters;
}

export function loginParameters(session: ReadonlyMap<string, string>): WireParameter[] {
  return [...session].map(([name, value]) => ({ name, value: typed(value) }));
}

/** Parameters of one statement win over those of its session. */
export function queryParameters(
  session: ReadonlyMap<string, string>,
  statement: ReadonlyMap<string, string>,
): WireParameter[] {
  return IN_QUERY_REPLIES.flatMap((name) => {
    const value = statement.get(name) ?? session.get(name);
    return value === undefined ? [] : [{ name, value: typed(value) }];
  });
}

function typed(value: string): string | number | boolean {
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  return /^\d{1,15}$/.test(value) ? Number(value) : value;
}
