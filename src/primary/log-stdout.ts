/**
 * A copy of all log lines on standard output, for containers and journald, which collect what process 1 or a unit prints.
 *
 * Written off the loop (process.stdout blocks on a pipe that nobody reads) and bounded: what the reader does not take in
 * time is dropped and counted. Nothing is written when standard output is closed.
 */
import { createWriteStream } from 'node:fs';
import { LOG_PIPE_MAX_BYTES } from '../shared/log-pipe.ts';
import { createLossyWriter } from './lossy-writer.ts';

const STDOUT = 1;
const CLOSE_WAIT_MS = 500;

export interface StdoutLog {
  /** @param line without its end */
  write(line: string): void;
  dropped(): number;
  /** Waits a moment for what is on its way. */
  close(): Promise<void>;
}

/** @param fd another descriptor, for tests */
export function createStdoutLog(fd: number = STDOUT): StdoutLog {
  const writer = createLossyWriter();
  const stream = createWriteStream('', { fd, autoClose: false, fs: writer.door });
  let dropped = 0;
  stream.on('error', () => {});
  return {
    write: (line) => {
      const bytes = Buffer.byteLength(line) + 1;
      if (writer.pendingBytes() + bytes > LOG_PIPE_MAX_BYTES) {
        dropped += 1;
        return;
      }
      writer.expect(bytes);
      stream.write(`${line}\n`);
    },
    dropped: () => dropped + writer.lostLines(),
    close: () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, CLOSE_WAIT_MS);
        stream.end(() => {
          clearTimeout(timer);
          resolve();
        });
      }),
  };
}
