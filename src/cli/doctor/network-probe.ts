/**
 * The door to Snowflake's front door: name, connection, TLS, and its clock, step by step, so that what fails is known.
 *
 * No login: nothing of the credentials is sent. A proxy of the environment is gone through as the driver does.
 */
import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

export type NetworkStep = 'dns' | 'proxy' | 'tcp' | 'tls' | 'http';

export interface NetworkTarget {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** `http://host:port` */
  readonly proxy?: string | undefined;
}

export interface NetworkResult {
  readonly addresses: readonly string[];
  /** What did not work; undefined when all did. */
  readonly failed?: { readonly step: NetworkStep; readonly reason: string };
  readonly ms: number;
  /** Ours minus theirs. */
  readonly skewMs?: number;
}

const STEP_MS = 8000;

class StepFailure extends Error {
  readonly step: NetworkStep;

  constructor(step: NetworkStep, cause: unknown) {
    const { code, message } = cause as NodeJS.ErrnoException;
    super(message || code || 'no reason given', { cause });
    this.step = step;
  }
}

const at = <T>(step: NetworkStep, deed: Promise<T>): Promise<T> =>
  deed.catch((error: unknown) => {
    throw error instanceof StepFailure ? error : new StepFailure(step, error);
  });

export async function probeNetwork(target: NetworkTarget): Promise<NetworkResult> {
  const startedAt = performance.now();
  const ms = () => Math.round(performance.now() - startedAt);
  let addresses: string[] = [];
  try {
    // Behind a proxy it is the proxy that asks for the name.
    if (target.proxy === undefined) addresses = await at('dns', resolve(target.host));
    const socket = await open(target);
    const secured = target.isTls ? await at('tls', secure(socket, target.host)) : socket;
    const skewMs = await at('http', askClock(secured, target));
    return { addresses, ms: ms(), ...skewMs };
  } catch (error) {
    const { step, message } = error as StepFailure;
    return { addresses, ms: ms(), failed: { step, reason: message } };
  }
}

async function resolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function open({ host, port, proxy }: NetworkTarget): Promise<Socket> {
  if (proxy === undefined) return at('tcp', connected(connect({ host, port })));
  const { hostname, port: proxyPort } = new URL(proxy);
  const call = request({
    host: hostname,
    port: proxyPort || 80,
    method: 'CONNECT',
    path: `${host}:${port}`,
    agent: false,
    timeout: STEP_MS,
  });
  const answered = new Promise<Socket>((done, fail) => {
    call.once('error', fail);
    call.once('timeout', () => call.destroy(new Error(`no answer of the proxy within ${STEP_MS} ms`)));
    call.once('connect', (response, socket) => {
      if (response.statusCode === 200) done(socket as Socket);
      else fail(new Error(`the proxy answers ${response.statusCode}`));
    });
    call.end();
  });
  return at('proxy', answered);
}

function connected<S extends Socket>(socket: S, event = 'connect'): Promise<S> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => socket.destroy(new Error(`no answer within ${STEP_MS} ms`)), STEP_MS);
    socket.once('error', (error) => {
      clearTimeout(timer);
      fail(error);
    });
    socket.once(event, () => {
      clearTimeout(timer);
      done(socket);
    });
  });
}

function secure(socket: Socket, servername: string): Promise<Socket> {
  return connected(tlsConnect({ socket, ...(isIP(servername) === 0 ? { servername } : {}) }), 'secureConnect');
}

/** Any answer will do, over the socket that is open already: its Date header tells their time. */
function askClock(socket: Socket, { host }: NetworkTarget): Promise<{ skewMs?: number }> {
  const startedAt = Date.now();
  return new Promise((done, fail) => {
    const call = request({
      host,
      method: 'HEAD',
      path: '/',
      timeout: STEP_MS,
      createConnection: () => socket,
    });
    call.once('error', fail);
    call.once('timeout', () => call.destroy(new Error(`no answer within ${STEP_MS} ms`)));
    call.once('response', ({ headers }) => {
      // Half of the way there and back, and half of the second that the header rounds to.
      const theirs = Date.parse(headers.date ?? '') + 500;
      done(Number.isNaN(theirs) ? {} : { skewMs: Math.round((startedAt + Date.now()) / 2 - theirs) });
      call.destroy();
    });
    call.end();
  });
}
