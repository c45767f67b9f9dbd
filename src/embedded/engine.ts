/**
 * DuckDB door of the embedded engine: one in-memory database in a sandbox, one connection per session.
 *
 * The sandbox is closed before any client speaks: no files, no network, no extensions, bounded memory, and
 * after `lock()` no setting can be changed. Rows are fetched chunk by chunk, so a large result never holds
 * the event loop, and stop at `maxResultRows`, and where all results that are being read take too much memory.
 * No other file imports @duckdb/node-api.
 */
import { SnowflakeError } from './errors.ts';

export interface EngineColumn {
  readonly name: string;
  /** DuckDB's own type text, e.g. `DECIMAL(38,2)`, `TIMESTAMP WITH TIME ZONE`, `JSON`. */
  readonly type: string;
}

export interface EngineResult {
  readonly columns: readonly EngineColumn[];
  /** DuckDB values as @duckdb/node-api gives them (bigint, DuckDBDecimalValue, ...). */
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsChanged: number;
}

export interface EngineConnection {
  /** Runs one DuckDB statement. @throws the DuckDB error as it is; errors.ts maps it to a Snowflake code. */
  run(sql: string, params?: readonly unknown[]): Promise<EngineResult>;
  /** Runs several DuckDB statements, `;` between them, in one call; what they answer is dropped. */
  runAll(statements: readonly string[]): Promise<void>;
  /** Stops the running statement; it then rejects with an INTERRUPT error. */
  interrupt(): void;
  /** Nobody holds the rows of the statements so far any more, or they are counted elsewhere. */
  release(): void;
  close(): void;
  /** What all connections of one engine know. */
  readonly shared: EngineShared;
  /** Begins the names of the schemas that hold this connection's temporary tables. */
  readonly temporaryPrefix: string;
}

export interface EngineShared {
  /** Some table or view may have a TIMESTAMP_TZ column. */
  hasOffsets: boolean;
}

export interface EngineOptions {
  /** DuckDB's memory_limit, such as `512MB`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** A result with more rows fails with 0A000 instead of filling the process. */
  readonly maxResultRows?: number;
  /** The same for the memory that the results take which all connections hold until `release`. */
  readonly maxResultBytes?: number;
}

export interface Engine {
  connect(): Promise<EngineConnection>;
  /** After this no connection can change a setting. */
  lock(): Promise<void>;
  /** At once for what is idle; a statement that runs is interrupted, and its connection is closed when it has ended. */
  close(): void;
}

type DuckDb = typeof import('@duckdb/node-api');
type DuckDbConnection = Awaited<ReturnType<InstanceType<DuckDb['DuckDBInstance']>['connect']>>;

/** @throws Error with the next step when the optional package @duckdb/node-api is not installed. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { memoryLimit = '512MB', threads = 2, maxResultRows = 1_000_000, maxResultBytes = 600_000_000 } = options;
  const room = { held: 0, most: maxResultBytes };
  const duckdb = await loadDuckDb();
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: memoryLimit,
    threads: String(threads),
    default_null_order: 'nulls_last_on_asc_first_on_desc',
    max_temp_directory_size: '0KB',
  });
  // Otherwise the zone of the machine decides what CURRENT_TIMESTAMP and casts give.
  const setup = await instance.connect();
  await setup.run("SET GLOBAL TimeZone = 'UTC'");
  setup.closeSync();
  const open = new Set<OpenConnection>();
  const shared: EngineShared = { hasOffsets: false };
  let opened = 0;
  let isClosed = false;
  const closeInstance = () => {
    if (isClosed && open.size === 0) instance.closeSync();
  };
  const connect = async (): Promise<EngineConnection> => {
    let held = 0;
    const hold = (bytes: number) => {
      held += bytes;
      room.held += bytes;
    };
    const own = new OpenConnection(await instance.connect(), () => {
      hold(-held);
      open.delete(own);
      closeInstance();
    });
    open.add(own);
    opened++;
    return {
      shared,
      temporaryPrefix: `SF$TEMP${opened}$`,
      run: (sql, params) =>
        own.use(async (connection) => {
          const before = held;
          const take = (bytes: number) => {
            hold(bytes);
            if (room.held > room.most) throw tooLarge(`about ${Math.floor(room.most / 1_000_000)} MB at a time`);
          };
          try {
            return await runOn(connection, sql, params, maxResultRows, take);
          } catch (error) {
            hold(before - held);
            throw error;
          }
        }),
      release: () => hold(-held),
      runAll: (statements) =>
        own.use(async (connection) => {
          await connection.run(statements.join(';\n'));
        }),
      interrupt: () => own.interrupt(),
      close: () => own.close(),
    };
  };
  return {
    connect,
    async lock() {
      const connection = await connect();
      await connection.run('SET lock_configuration = true');
      connection.close();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      for (const connection of [...open]) connection.close();
      closeInstance();
    },
  };
}

/** Closes DuckDB's connection only when no statement runs on it: closing under a running one ends the process. */
class OpenConnection {
  readonly #connection: DuckDbConnection;
  readonly #onClosed: () => void;
  #running = 0;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(connection: DuckDbConnection, onClosed: () => void) {
    this.#connection = connection;
    this.#onClosed = onClosed;
  }

  async use<T>(work: (connection: DuckDbConnection) => Promise<T>): Promise<T> {
    if (this.#state !== 'open') throw new SnowflakeError('000604', '57014', 'SQL execution canceled');
    this.#running++;
    try {
      return await work(this.#connection);
    } finally {
      this.#running--;
      this.#closeWhenIdle();
    }
  }

  interrupt(): void {
    if (this.#state !== 'closed') this.#connection.interrupt();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    if (this.#running > 0) this.#connection.interrupt();
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#state !== 'closing' || this.#running > 0) return;
    this.#state = 'closed';
    this.#connection.closeSync();
    this.#onClosed();
  }
}

async function loadDuckDb(): Promise<DuckDb> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new Error(
      'the embedded Snowflake needs the optional package @duckdb/node-api, which did not load: run "npm install --include=optional", or use a real account instead of --demo',
      { cause: error },
    );
  }
}

async function runOn(
  connection: DuckDbConnection,
  sql: string,
  params: readonly unknown[] | undefined,
  maxRows: number,
  take: (bytes: number) => void,
): Promise<EngineResult> {
  const values =
    params === undefined || params.length === 0 ? undefined : (params as Parameters<DuckDbConnection['run']>[1]);
  const result = await connection.stream(sql, values);
  const types = result.columnTypes();
  const columns = result
    .columnNames()
    .map((name, index) => ({ name, type: types[index]?.alias ?? String(types[index]) }));
  const rows: (readonly unknown[])[] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    let bytes = 0;
    for (const row of chunk.getRows()) {
      rows.push(row);
      bytes += ROW_BYTES;
      for (const cell of row) bytes += cellBytes(cell);
    }
    if (rows.length > maxRows) throw tooLarge(`${maxRows} rows`);
    take(bytes);
  }
  return { columns, rows, rowsChanged: result.rowsChanged };
}

// Measured with V8: a row stands twice, as DuckDB's values and as the texts made of them, which texts themselves share.
const ROW_BYTES = 100;
const CELL_BYTES = 40;

function cellBytes(cell: unknown): number {
  if (cell === null) return CELL_BYTES / 2;
  if (typeof cell === 'string') return CELL_BYTES + cell.length;
  if (typeof cell !== 'object') return CELL_BYTES + 24;
  return CELL_BYTES + ('bytes' in cell && cell.bytes instanceof Uint8Array ? cell.bytes.length * 3 : 100);
}

function tooLarge(most: string): SnowflakeError {
  return new SnowflakeError('000002', '0A000', `Unsupported feature: the embedded engine returns at most ${most}.`);
}
