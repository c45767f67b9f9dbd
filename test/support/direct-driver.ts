/** snowflake-sdk called directly, as a user without this product would, with the least that makes it quiet. */
import type { EmbeddedChild } from '../../src/shared/embedded-child.ts';

export interface DirectConnection {
  query(sql: string): Promise<void>;
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
    close: () => new Promise((resolve) => connection.destroy(() => resolve())),
  };
}
