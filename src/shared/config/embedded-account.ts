/** The embedded Snowflake in the place of a configured account. */
import { deepFreeze } from './freeze.ts';
import type { Config } from './schema.ts';

/** Where the embedded Snowflake answers and who may log in; a part of what starting it returns. */
interface EmbeddedEndpoint {
  readonly url: string;
  readonly account: string;
  readonly user: string;
  readonly privateKeyPem: string;
}

/** The configuration with the account replaced by the embedded one; nothing of a real account stays in it. */
export function withEmbedded(config: Config, endpoint: EmbeddedEndpoint): Config {
  const blank = Object.fromEntries(Object.keys(config.snowflake).map((name) => [name, undefined]));
  const snowflake = {
    ...blank,
    account: endpoint.account,
    access_url: endpoint.url,
    user: endpoint.user,
    authenticator: 'SNOWFLAKE_JWT',
    private_key: endpoint.privateKeyPem,
    identities: {},
    login_timeout: config.snowflake.login_timeout,
  } as Config['snowflake'];
  return deepFreeze({ ...config, snowflake });
}
