/** snowflake-sdk called directly, as a user without this product would, with the least that makes it quiet. */
import type { RowStatement } from 'snowflake-sdk';
import type { EmbeddedChild } from '../../src/shared/embedded-child.ts';

export interface DirectConnection {
  query(sql: string): Promise<void>;
  /** All rows as the driver makes them. */
  all(sql: string): Promise<Record<string, unknown>[]>;
  /** Reads the first `count` rows, converted as the driver does, and no more. */
  rows(sql: string, count: number): Promise<void>;
  close(): Promise<void>;
}

export async function connectDirect(endpoint: EmbeddedChild['endpoint']): Promise<DirectConnection> {
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION = 'true';
  process.env.SNOWFLAKE_DISABLE_MINICORE = '1';
  const { default: sdk } = await import('snowflake-sdk');
  sdk.configure({ logLevel: 'OFF', additionalLogToConsole: false });
  const connection = sdk.createConnection({
    account: endpoint.account,
    username: endpoint.user,
    accessUrl: endpoint.url,
    authenticator: 'SNOWFLAKE_JWT',
    privateKey: endpoint.privateKeyPem,
  });
  await connection.connectAsync();
  return {
    query: (sqlText) =>
      new Promise((resolve, reject) => {
        connection.execute({ sqlText, complete: (error) => (error ? reject(error) : resolve()) });
      }),
    all: (sqlText) =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText,
          complete: (error, _statement, rows) => (error ? reject(error) : resolve(rows ?? [])),
        });
      }),
    rows: (sqlText, count) =>
      new Promise((resolve, reject) => {
        connection.execute({
          sqlText,
          streamResult: true,
          complete: (error, statement) => {
            if (error) return reject(error);
            let seen = 0;
            (statement as RowStatement)
              .streamRows({ start: 0, end: count - 1 })
              .on('data', () => seen++)
              .on('error', reject)
              .on('end', () => (seen === count ? resolve() : reject(new Error(`${seen} rows, not ${count}`))));
          },
        });
      }),
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  };
}
