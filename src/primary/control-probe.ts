/** Finds out whether somebody answers on a control socket, and who it is. */
import { connect } from 'node:net';

const ANSWER_WAIT_MS = 1000;
const ANSWER_MAX_BYTES = 1024 * 1024;

/** @returns undefined when nobody listens; pid 0 when somebody does who does not say its pid in time */
export function findListener(socketPath: string): Promise<{ pid: number } | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let text = '';
    const end = (found: { pid: number } | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(() => end({ pid: 0 }), ANSWER_WAIT_MS);
    let isThere = false;
    socket.once('connect', () => {
      isThere = true;
      socket.write('{"command":"status"}\n');
    });
    // EAGAIN: somebody listens, but takes nobody in.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(isThere || error.code === 'EAGAIN' ? { pid: pidOf(text) } : undefined);
    });
    socket.on('close', () => end({ pid: pidOf(text) }));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n') || text.length > ANSWER_MAX_BYTES) end({ pid: pidOf(text) });
    });
  });
}

function pidOf(text: string): number {
  return Number(/"pid":(\d{1,10})/.exec(text)?.[1] ?? 0);
}
