/**
 * What a fault of the driver means for the caller: an AppError of our table. Pure.
 *
 * Messages of Snowflake quote parts of the statement. Names of objects stay, because an agent needs them to correct
 * itself; values in quotes become `?`. The driver's error itself is never kept: it holds whole replies.
 * Codes: docs.snowflake.com "Client error codes" and what snowflake-sdk 3.3.0 raises by itself.
 */
import { AppError } from '../../shared/errors.ts';
import { redactText } from '../../shared/redact.ts';
import { DriverError, type DriverFault, RESULT_CUT } from './driver.ts';

const MESSAGE_MAX = 1000;

/** Codes after which a session is gone for good: invalid, gone and expired tokens, and the driver's own for them. */
const SESSION_GONE = new Set(['390104', '390111', '390114', '401004', '405503', '407001', '407002']);

function isSessionGone(fault: DriverFault): boolean {
  return SESSION_GONE.has(fault.code);
}

/** True when Snowflake did not answer or answered with no reply of its own. */
function isUnreachable(fault: DriverFault): boolean {
  return fault.code === '401001' || fault.code === '401002' || fault.code === '401003';
}

/** @param limitMs the time limit the statement ran under */
export function mapDriverError(error: unknown, limitMs: number): AppError {
  if (error instanceof AppError) return error;
  if (!(error instanceof DriverError)) {
    return new AppError('INTERNAL', { where: 'the Snowflake driver' }, { cause: error });
  }
  const { fault } = error;
  if (fault.stage === 'login') return mapLogin(fault);
  const id = fault.queryId === undefined ? {} : { queryId: fault.queryId };
  if (isSessionGone(fault)) {
    return new AppError('CONNECTION_LOST', { reason: `the session has ended (${fault.code})`, ...id });
  }
  if (isUnreachable(fault)) return new AppError('SNOWFLAKE_UNREACHABLE', { reason: networkReason(fault) });
  if (fault.code === '000604') return new AppError('QUERY_CANCELLED', id);
  if (fault.code === '000630') return new AppError('QUERY_TIMEOUT', { limitMs, ...id });
  if (fault.stage === 'rows' || fault.code.startsWith('402')) {
    const reason = fault.code === RESULT_CUT ? fault.message : `a part could not be fetched (${fault.code})`;
    return new AppError('RESULT_UNREADABLE', { reason, ...id });
  }
  if (fault.sqlState === undefined && !/^\d{6}$/.test(fault.code)) {
    return new AppError('INTERNAL', { where: `the Snowflake driver (${fault.code || 'no code'})` });
  }
  return new AppError('SQL_ERROR', {
    snowflakeCode: fault.code,
    sqlState: fault.sqlState ?? 'no state',
    message: withoutValues(fault.message),
    ...id,
  });
}

/** What to look at, by the code Snowflake refuses a login with. */
const LOGIN_HINTS: Readonly<Record<string, string>> = {
  '390100': 'the user name or the password is wrong',
  '390144':
    'the key does not belong to this user (ALTER USER ... SET RSA_PUBLIC_KEY), the account name has dots in place of hyphens, or the ' +
    'clock is wrong; an administrator learns which from SYSTEM$GET_LOGIN_FAILURE_DETAILS with the id in brackets',
  '390303': 'the OAuth token is not valid',
  '390318': 'the OAuth token has expired',
  '390189': 'the role does not exist or is not granted to the user',
};

function mapLogin(fault: DriverFault): AppError {
  if (isUnreachable(fault) || fault.code === '' || fault.code.startsWith('08')) {
    return new AppError('SNOWFLAKE_UNREACHABLE', { reason: networkReason(fault) });
  }
  const hint = LOGIN_HINTS[fault.code];
  const said = redactText(fault.message).replace(/\s+/g, ' ').trim().slice(0, MESSAGE_MAX);
  const reason = hint === undefined ? said : `${hint} (${said})`;
  return new AppError('SNOWFLAKE_AUTH', { reason, snowflakeCode: fault.code });
}

function networkReason(fault: DriverFault): string {
  if (fault.httpStatus !== undefined) {
    const doubt = fault.httpStatus === 403 || fault.httpStatus === 404 ? '; the account name may be wrong' : '';
    return `HTTP status ${fault.httpStatus}${doubt}`;
  }
  const said = redactText(fault.message).replace(/\s+/g, ' ').trim().slice(0, 300);
  if (fault.network === undefined || said.includes(fault.network)) return said;
  return said === '' ? fault.network : `${fault.network} (${said})`;
}

/** Words before a quoted name, as Snowflake's compiler writes them. */
const NAMES_AN_OBJECT =
  /\b(?:object|table|view|schema|database|warehouse|role|user|stage|sequence|function|procedure|column|columns|identifier|alias|name|parameter|type)(?:\(s\))? $/i;

/** A value between quotes and what stands behind the last quote of the message. */
const QUOTED_VALUE = /\b((?:value|date|time|timestamp|boolean|string|literal) )'([\s\S]*)'([^']*)$/i;
const FOR_A_COLUMN = /'([^']* column '[^' ]*)$/i;

/**
 * Snowflake does not double the quotes inside a value, so that it may end at any of them: it is taken to end at the last
 * one, unless that belongs to a column that the message ends with.
 */
function withoutQuotedValue(message: string): string {
  return message.replace(QUOTED_VALUE, (_all, word: string, value: string, rest: string) => {
    const column = FOR_A_COLUMN.exec(value)?.[1];
    return `${word}'?'${column === undefined ? rest : `${column}'${rest}`}`;
  });
}

/** Where quotes, apostrophes aside, do not open and close in turns, nobody can tell what stands inside. */
function withoutUnclearQuotes(message: string): string {
  const before = [...message.matchAll(/(?<!\w)'|'(?!\w)/g)].map(({ index }) => message[index - 1] ?? ' ');
  const isUnclear = before.length % 2 === 1 || before.some((char, at) => at % 2 === 0 && /\w/.test(char));
  return isUnclear ? message.replace(/(?<!\w)'[\s\S]*'/, "'?'") : message;
}

/** A message of Snowflake without the values of the statement: object names and keywords stay. */
export function withoutValues(message: string): string {
  const [head = ''] = message.split(/\n\s*LINE \d+:/);
  const bare = withoutUnclearQuotes(withoutQuotedValue(head));
  return bare
    .replace(
      /(?<!\w)(?:''[^']*''|'(?:[^']|''|'(?=\w))*'?)|\$\$[\s\S]*?(?:\$\$|$)|"[^"]*(?:"|$)/g,
      (quoted, offset: number) => {
        const before = bare.slice(Math.max(0, offset - 40), offset);
        if (quoted.startsWith('"')) return NAMES_AN_OBJECT.test(before) && isName(quoted) ? quoted : '"?"';
        const inside = quoted.slice(1, -1);
        if (NAMES_AN_OBJECT.test(before) && isName(inside)) return quoted;
        if (/\bunexpected $/i.test(before) && /^(?:[A-Za-z_]\w*|[^\w'\s]{1,3}|<EOF>)$/.test(inside)) return quoted;
        return "'?'";
      },
    )
    .replace(/\b(Geo input: )[\s\S]*?(?=\. Did not |$)/, '$1?')
    .replace(/\bvariant value [\s\S]* to (?=[A-Z]+)/, 'variant value ? to ')
    .replace(/\b(value|string|number|literal):? -?\d[\w.+-]*/gi, '$1 ?')
    .slice(0, MESSAGE_MAX)
    .trim();
}

/** Words, dots and double-quoted parts, as in `DB.PUBLIC."My Table"` or `T.A`. */
function isName(text: string): boolean {
  return /^(?:"[^"\n]{1,255}"|[\p{L}_][\p{L}\p{N}\p{M}_$]{0,254})(?:\.(?:"[^"\n]{1,255}"|[\p{L}_][\p{L}\p{N}\p{M}_$]{0,254})){0,3}(?:\([\w, ]*\))?$/u.test(
    text,
  );
}
