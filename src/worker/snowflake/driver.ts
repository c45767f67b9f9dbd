/**
 * The small part of a Snowflake driver that pool and queries need, in plain types.
 *
 * Cells are the texts that Snowflake sends, unconverted: a driver behind this interface parses no value, so no value can
 * break it. Whatever fails is a DriverError with Snowflake's own code.
 */
import type { Config } from '../../shared/config/schema.ts';

/** Text of a cell as Snowflake sends it; cells.ts reads it by the column's type. */
export type RawCell = string | null;
export type RawRow = readonly RawCell[];

export interface Column {
  readonly name: string;
  /** Snowflake's wire type in upper case: FIXED, REAL, TEXT, BOOLEAN, DATE, TIMESTAMP_NTZ, VARIANT ... */
  readonly type: string;
  readonly nullable: boolean;
  readonly precision?: number;
  readonly scale?: number;
}

/** Where a session stood when a statement ended; undefined where nothing is set. */
export interface SessionState {
  readonly database: string | undefined;
  readonly schema: string | undefined;
  readonly warehouse: string | undefined;
  readonly role: string | undefined;
}

export type Bind = string | number | null;

export interface StatementRequest {
  readonly sql: string;
  readonly binds?: readonly Bind[];
  /** Session parameters for this statement alone. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

export interface StatementReply {
  readonly queryId: string;
  readonly columns: readonly Column[];
  readonly state: SessionState;
  /** Rows of the whole result. */
  readonly rowCount: number;
  /**
   * Reads at most `maxRows` rows in order, once, from row `start` on (0 without it). `take` gets each row and returns
   * false to stop. Rejects with DriverError, or with the reason of `signal`.
   */
  readRows(maxRows: number, take: (row: RawRow) => boolean, signal: AbortSignal, start?: number): Promise<void>;
}

export interface Execution {
  /** Settles when Snowflake has finished the statement. */
  readonly reply: Promise<StatementReply>;
  /** Known as soon as Snowflake has named the statement. */
  queryId(): string | undefined;
  /** Asks Snowflake to stop it; `reply` then rejects with code 000604. Rejects when there is nothing to stop. */
  cancel(): Promise<void>;
}

export interface Connection {
  /** False once Snowflake has ended the session; such a connection never comes back. */
  isUp(): boolean;
  /** Asks Snowflake whether the session lives; wakes no warehouse. Never rejects. */
  heartbeat(): Promise<boolean>;
  /** @throws AppError SQL_REFUSED at once for PUT and GET, which never reach the driver */
  execute(statement: StatementRequest): Execution;
  /** Starts a statement that nobody waits for; resolves to its query id. It ends when this session is destroyed. */
  submit(statement: StatementRequest): Promise<string>;
  /** The end and the result of a statement that any session of this user has submitted; nothing else can be cancelled so. */
  attach(queryId: string): Execution;
  /** Snowflake's word for the state of a statement (RUNNING, SUCCESS ...); undefined when it knows of none. */
  queryStatus(queryId: string): Promise<string | undefined>;
  /** Ends the session. Never rejects, waits a few seconds at most. */
  destroy(): Promise<void>;
}

export interface Driver {
  /** Loads what it needs from disk; opens no connection. */
  load(): Promise<void>;
  /** Logs in, as `login` says in place of the configured one. @throws AppError PRIVATE_KEY_INVALID and others of the configuration; DriverError of stage `login` */
  connect(login?: Config['snowflake']): Promise<Connection>;
}

/** Code of a result whose rows are not all there; the message has no cell in it. */
export const RESULT_CUT = 'result-cut';

export type Stage = 'login' | 'statement' | 'rows';

export interface DriverFault {
  readonly stage: Stage;
  /** Snowflake's code (`002003`), the driver's own (`401001`), or '' when there is none. */
  readonly code: string;
  readonly message: string;
  readonly sqlState?: string;
  readonly queryId?: string;
  /** HTTP status of a reply that was none of Snowflake's. */
  readonly httpStatus?: number;
  /** What the network said, such as ECONNREFUSED. */
  readonly network?: string;
}

export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly fault: DriverFault;

  constructor(fault: DriverFault) {
    super(fault.message);
    this.fault = fault;
  }
}
