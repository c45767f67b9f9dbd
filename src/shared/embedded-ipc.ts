/**
 * What the primary and the embedded Snowflake's child process say to each other over the IPC channel.
 *
 * The parent sends one `start`; the child answers once, `ready` or `failed`, and then serves until the channel closes.
 */
export interface EmbeddedStartOptions {
  /** 0 (the default) takes any free port. */
  readonly port?: number;
  readonly host?: string;
  readonly account: string;
  readonly user: string;
  /** At least one of the three credentials must be given. SPKI PEM of the key that signs the login's JWT. */
  readonly publicKeyPem?: string;
  readonly password?: string;
  /** Accepted as OAuth access token and as programmatic access token. */
  readonly token?: string;
  /** Opens the query log and the fault plans (/embedded/queries, /embedded/faults) to callers that send it as bearer token. */
  readonly controlToken?: string;
  /** DuckDB's memory limit, such as `512MB`. */
  readonly memoryLimit?: string;
  readonly threads?: number;
  /** Added to every query before it runs. */
  readonly delayMs?: number;
  /** A query that runs longer is answered "in progress"; the client asks again. */
  readonly longPollMs?: number;
  /** How long a session token is valid before the client must renew it. */
  readonly tokenValidityMs?: number;
  readonly sessionIdleMs?: number;
  readonly maxSessions?: number;
  /** Finished results are dropped after this time, or earlier when `maxResultBytes` is reached. */
  readonly resultKeepMs?: number;
  readonly maxResultBytes?: number;
}

export interface EmbeddedStartMessage {
  readonly type: 'start';
  readonly options: EmbeddedStartOptions;
}

export type EmbeddedReply =
  | { readonly type: 'ready'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string };
