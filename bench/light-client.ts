/**
 * Posts over one kept connection with as little work as can be. The load runs on the processors of what it measures, and
 * node:http takes longer to ask than a server with ready answers takes to answer.
 */
import { connect } from 'node:net';

const IDLE_MS = 30_000;

export interface LightAnswer {
  readonly status: number;
  /** The head as it came. */
  readonly head: string;
  /** With the sizes of its chunks where it came in chunks. */
  readonly body: string;
}

export interface LightConnection {
  /** One after the other. @param headers whole lines, each with its line end */
  post(body: string, headers: string): Promise<LightAnswer>;
  close(): void;
}

/** @returns the answer once all of it has come */
function wholeAnswer(text: string): LightAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const isWhole =
    length === undefined
      ? body.endsWith('0\r\n\r\n') || !/\r\ntransfer-encoding:/i.test(head)
      : Buffer.byteLength(body) >= Number(length);
  return isWhole ? { status: Number(head.slice(9, 12)), head, body } : undefined;
}

export function lightConnection(url: string): LightConnection {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('utf8');
  let waiting: { resolve(answer: LightAnswer): void; reject(error: Error): void } | undefined;
  let got = '';
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended ??= error;
    waiting?.reject(ended);
    waiting = undefined;
  };
  socket.setTimeout(IDLE_MS, () => waiting && socket.destroy(new Error(`no answer in ${IDLE_MS} ms`)));
  socket.on('error', end);
  socket.on('close', () => end(new Error('the server closed the connection')));
  socket.on('data', (part: unknown) => {
    got += String(part);
    const answer = wholeAnswer(got);
    if (answer === undefined) return;
    const { resolve } = waiting ?? {};
    got = '';
    waiting = undefined;
    resolve?.(answer);
  });
  const start = `POST /mcp HTTP/1.1\r\nhost: ${host}\r\n`;
  return {
    post: (body, headers) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        waiting = { resolve, reject };
        socket.write(`${start}${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      }),
    close: () => void socket.destroy(),
  };
}
