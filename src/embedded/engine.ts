/**
 * DuckDB door of the embedded engine: one in-memory database in a sandbox, one connection per session.
 *
 * The sandbox is closed before any client speaks: no files, no network, no extensions, bounded memory, and
 * after `lock()` no setting can be changed. Rows are fetched chunk by chunk, so a large result never holds
 * the event loop, and stop at `maxResultRows`. No other file imports @duckdb/node-api.
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
  /** Stops the running statement; it then rejects with an INTERRUPT error. */
  interrupt(): void;
  close(): void;
}

export interface EngineOptions {
  /** DuckDB's memory_limit, such as `512MB`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** A result with more rows fails with 0A000 instead of filling the process. */
  readonly maxResultRows?: number;
}

export interface Engine {
  connect(): Promise<EngineConnection>;
  /** After this no connection can change a setting. */
  lock(): Promise<void>;
  close(): void;
}

type DuckDb = typeof import('@duckdb/node-api');
type DuckDbConnection = Awaited<ReturnType<InstanceType<DuckDb['DuckDBInstance']>['connect']>>;

/** @throws Error with the next step when the optional package @duckdb/node-api is not installed. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { memoryLimit = '512MB', threads = 2, maxResultRows = 1_000_000 } = options;
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
  const open = new Set<DuckDbConnection>();
  const connect = async (): Promise<EngineConnection> => {
    const connection = await instance.connect();
    open.add(connection);
    return {
      run: (sql, params) => runOn(connection, sql, params, maxResultRows),
      interrupt: () => connection.interrupt(),
      close: () => {
        if (open.delete(connection)) connection.closeSync();
      },
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
      for (const connection of open) connection.closeSync();
      open.clear();
      instance.closeSync();
    },
  };
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
    for (const row of chunk.getRows()) rows.push(row);
    if (rows.length > maxRows) {
      throw new SnowflakeError(
        '000002',
        '0A000',
        `Unsupported feature: the embedded engine returns at most ${maxRows} rows.`,
      );
    }
  }
  return { columns, rows, rowsChanged: result.rowsChanged };
}
