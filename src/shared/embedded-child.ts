/**
 * The embedded Snowflake as a child of this process: started with a fresh key, started again on the same port and key
 * when it dies, ended with its parent.
 *
 * It gets no environment that could hold a secret of the real account. A parent that is killed takes it along: the child
 * ends when its channel closes.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPair, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { nextBackoff } from './backoff.ts';
import type { EmbeddedReply, EmbeddedStartOptions } from './embedded-ipc.ts';
import { AppError } from './errors.ts';
import type { Log } from './log.ts';
import { packageFile } from './package-files.ts';

const PROGRAM = packageFile('dist/embedded/main.js');
const ACCOUNT = 'demo';
const USER = 'DEMO';
const START_WAIT_MS = 30_000;
const END_WAIT_MS = 2000;
/** A child that lived that long was well; its next restart waits no longer than the first. */
const WELL_MS = 30_000;
const BACKOFF = { baseMs: 100, capMs: 5000, fixedMs: 0, jitter: 0 } as const;
const KEPT_VARIABLES = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'LD_LIBRARY_PATH'];
/** A result of a million rows fits; without a limit V8 lets results that nobody fetches pile up. */
const HEAP_LIMIT = '--max-old-space-size=1536';
const OUTPUT_MAX_BYTES = 2000;

interface EmbeddedEndpoint {
  readonly url: string;
  readonly account: string;
  readonly user: string;
  readonly privateKeyPem: string;
  /** Bearer token of GET /embedded/queries. */
  readonly controlToken: string;
}

export interface EmbeddedChild {
  readonly endpoint: EmbeddedEndpoint;
  /** 0 while it waits to be started again. */
  pid(): number;
  close(): Promise<void>;
}

/** @throws AppError ENGINE_MISSING with the child's own reason when it does not start */
export async function startEmbeddedChild(options: {
  log: Log;
  /** Its built program, when it does not stand beside this file. */
  program?: string;
}): Promise<EmbeddedChild> {
  const keeper = new Keeper(options.log, options.program ?? PROGRAM);
  try {
    const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const controlToken = randomBytes(24).toString('hex');
    const port = await keeper.start({ account: ACCOUNT, user: USER, publicKeyPem: publicKey, controlToken });
    return {
      endpoint: {
        url: `http://127.0.0.1:${port}`,
        account: ACCOUNT,
        user: USER,
        privateKeyPem: privateKey,
        controlToken,
      },
      pid: () => keeper.pid(),
      close: () => keeper.close(),
    };
  } catch (error) {
    await keeper.close();
    throw error;
  }
}

class Keeper {
  readonly #log: Log;
  readonly #program: string;
  /** Forked before the key is made, so that both take their time together. */
  #child: ChildProcess;
  #options: EmbeddedStartOptions | undefined;
  #backoffMs = 0;
  #restart: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  readonly #killAtExit = () => this.#child.kill('SIGKILL');

  constructor(log: Log, program: string) {
    this.#log = log;
    this.#program = program;
    this.#child = this.#fork();
    process.once('exit', this.#killAtExit);
  }

  /** The first start: it must work. @returns the port */
  async start(options: EmbeddedStartOptions): Promise<number> {
    const port = await this.#tellStart(options);
    this.#options = { ...options, port };
    this.#watch(this.#child);
    return port;
  }

  pid(): number {
    return hasEnded(this.#child) ? 0 : (this.#child.pid ?? 0);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    clearTimeout(this.#restart);
    process.off('exit', this.#killAtExit);
    const child = this.#child;
    if (hasEnded(child)) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_WAIT_MS);
    await ended;
    clearTimeout(timer);
  }

  #fork(): ChildProcess {
    const kept = KEPT_VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
    const env = Object.fromEntries(kept) as NodeJS.ProcessEnv;
    const child = fork(this.#program, [], {
      execArgv: [HEAP_LIMIT],
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    child.on('error', (error) =>
      this.#log.warn('embedded.error', 'the embedded Snowflake: channel or fork failed', {
        reason: error.message,
      }),
    );
    if (child.stderr) this.#repeatOutput(child.stderr);
    return child;
  }

  /** Waits for the child's answer to `start`. */
  #tellStart(options: EmbeddedStartOptions): Promise<number> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        clearTimeout(timer);
        reject(new AppError('ENGINE_MISSING', { reason }));
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`no answer within ${START_WAIT_MS} ms`);
      }, START_WAIT_MS);
      const failEnded = () => fail(`it ended with ${child.signalCode ?? `code ${child.exitCode}`}`);
      child.once('exit', failEnded);
      child.once('error', (error) => fail(error.message));
      child.once('message', (reply: EmbeddedReply) => {
        clearTimeout(timer);
        if (reply.type === 'ready') resolve(reply.port);
        else fail(reply.message);
      });
      if (child.pid === undefined) fail('no process came to be');
      else if (hasEnded(child)) failEnded();
      else child.send({ type: 'start', options }, () => {});
    });
  }

  #watch(child: ChildProcess): void {
    const startedAt = performance.now();
    const onExit = () => {
      if (this.#closing !== undefined) return;
      const livedMs = performance.now() - startedAt;
      if (livedMs > WELL_MS) this.#backoffMs = 0;
      const { nextMs, delayMs } = nextBackoff(this.#backoffMs, BACKOFF, 0.5);
      this.#backoffMs = nextMs;
      this.#log.error('embedded.exited', 'the embedded Snowflake ended and is started again', {
        code: child.exitCode,
        signal: child.signalCode,
        lived_ms: Math.round(livedMs),
        delay_ms: delayMs,
      });
      this.#restart = setTimeout(() => void this.#startAgain(), delayMs);
    };
    if (hasEnded(child)) onExit();
    else child.once('exit', onExit);
  }

  async #startAgain(): Promise<void> {
    if (this.#options === undefined || this.#closing !== undefined) return;
    try {
      this.#child = this.#fork();
      await this.#tellStart(this.#options);
      this.#log.info('embedded.restarted', 'the embedded Snowflake is back', { embedded_pid: this.#child.pid });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (this.#closing === undefined) this.#log.error('embedded.failed', 'it did not start again', { reason });
      this.#child.kill('SIGKILL');
    }
    this.#watch(this.#child);
  }

  #repeatOutput(stderr: Readable): void {
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log.warn('embedded.stderr', text.slice(0, OUTPUT_MAX_BYTES).trim());
    });
    stderr.on('error', () => {});
  }
}

/** A fork that failed has no pid, and its exit is never told. */
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
