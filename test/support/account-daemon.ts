/**
 * A real daemon against an embedded Snowflake of the test's own process, so that the test can plan faults, hold
 * statements and read the query log.
 */

import type { WorkerQuestion } from '../../src/cli/worker-client.ts';
import { askWorker, type WorkerAnswer } from '../../src/cli/worker-client.ts';
import { type EmbeddedSnowflake, startEmbedded } from '../../src/embedded/start.ts';
import { type Daemon, type DaemonOptions, startDaemon } from './daemon.ts';

export interface AccountDaemon {
  readonly account: EmbeddedSnowflake;
  readonly daemon: Daemon;
  /** Asks a worker over its own socket, as commands do. */
  ask(question: WorkerQuestion): Promise<WorkerAnswer>;
  [Symbol.asyncDispose](): Promise<void>;
}

const PASSWORD = 'pa55-word-XYZ';

export async function startAccountDaemon(options: DaemonOptions = {}): Promise<AccountDaemon> {
  const account = await startEmbedded({ account: 'TESTACCOUNT', user: 'ALICE', password: PASSWORD });
  const env = {
    SNOWFLAKE_ACCESS_URL: account.url,
    SNOWFLAKE_ACCOUNT: 'TESTACCOUNT',
    SNOWFLAKE_USER: 'ALICE',
    SNOWFLAKE_PASSWORD: PASSWORD,
  };
  try {
    const daemon = await startDaemon({ ...options, demo: false, env: { ...env, ...options.env } });
    const paths = { pidFile: `${daemon.dir}/d.pid`, controlSocket: `${daemon.dir}/d.pid.d/control.sock` };
    return {
      account,
      daemon,
      ask: (question) => askWorker(paths, question),
      [Symbol.asyncDispose]: async () => {
        try {
          await daemon[Symbol.asyncDispose]();
        } finally {
          await account.close();
        }
      },
    };
  } catch (error) {
    await account.close();
    throw error;
  }
}

/** A statement that runs for minutes, known in the query log by its column. */
export function slowSql(column: string): string {
  const rows = (name: string, count: number) =>
    `(SELECT SEQ4() AS ${name} FROM TABLE(GENERATOR(ROWCOUNT => ${count})))`;
  return `SELECT COUNT(*) AS ${column} FROM ${rows('X', 100_000)} A, ${rows('Y', 1_000_000)} B WHERE HASH(A.X, B.Y) = 0`;
}
