/**
 * A worker's end of the log pipe: a line each, marked as log or audit.
 *
 * Never waits and never fails: what the reader does not take fast enough is dropped and counted, lines that are too
 * long are cut, and a pipe that is gone swallows everything.
 */
import type { Writable } from 'node:stream';
import { AUDIT_MARK, LOG_LINE_MAX_BYTES, LOG_MARK, LOG_PIPE_MAX_BYTES } from '../shared/log-pipe.ts';

/** How long a line may wait for others. */
const GATHER_MS = 25;

/** Takes a line each time. */
interface LineStream {
  write(line: string): void;
}

export interface LogPipeWriter {
  readonly log: LineStream;
  readonly audit: LineStream;
  /** Lines dropped so far. */
  dropped(): number;
  /** Resolves when everything is handed to the pipe, or after `ms`. */
  flush(ms: number): Promise<void>;
}

function lineOf(mark: string, written: string): string {
  const text = written.endsWith('\n') ? written.slice(0, -1) : written;
  const max = LOG_LINE_MAX_BYTES - 2;
  // A character takes at most three bytes; only long lines are measured.
  const isLong = text.length * 3 > max && Buffer.byteLength(text) > max;
  const cut = isLong
    ? Buffer.from(text)
        .subarray(0, max)
        .toString()
        .replace(/\uFFFD$/, '')
    : text;
  // A line is a line: what a text-form message brought along must not look like another one.
  return `${mark}${cut.includes('\n') ? cut.replaceAll('\n', ' ') : cut}\n`;
}

/**
 * Lines of a few milliseconds go out in one write, so that a call does not wake the reader several times.
 * @param pipe the stream over the inherited descriptor
 */
export function createLogPipeWriter(pipe: Writable): LogPipeWriter {
  let droppedLines = 0;
  let isBroken = false;
  let waiting: string[] = [];
  let waitingBytes = 0;
  pipe.on('error', () => {
    isBroken = true;
  });
  const send = () => {
    if (waiting.length === 0) return;
    const lines = waiting;
    waiting = [];
    waitingBytes = 0;
    if (isBroken || pipe.destroyed) droppedLines += lines.length;
    else pipe.write(lines.join(''));
  };
  const take = (line: string) => {
    const bytes = Buffer.byteLength(line);
    if (isBroken || pipe.destroyed || pipe.writableLength + waitingBytes + bytes > LOG_PIPE_MAX_BYTES) {
      droppedLines++;
      return;
    }
    if (waiting.length === 0) setTimeout(send, GATHER_MS).unref();
    waiting.push(line);
    waitingBytes += bytes;
  };
  const marked = (mark: string): LineStream => ({ write: (line) => take(lineOf(mark, line)) });
  return {
    log: marked(LOG_MARK),
    audit: marked(AUDIT_MARK),
    dropped: () => droppedLines,
    flush: async (ms) => {
      send();
      if (isBroken || pipe.destroyed || pipe.writableLength === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        pipe.write('', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}
