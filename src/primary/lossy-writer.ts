/**
 * Writing for streams that must not break: what the disk refuses is counted and reported as written.
 *
 * To be given to fs.createWriteStream as (part of) its `fs`. A line that was torn by a full disk is ended before the
 * next one, so that later lines stay whole.
 */
import { write } from 'node:fs';

type Written<Data> = (error: Error | null, bytes: number, data: Data) => void;

export interface LossyWriter {
  readonly door: {
    write(fd: number, data: Buffer, from: number, length: number, position: number | null, done: Written<Buffer>): void;
    writev(fd: number, parts: readonly Buffer[], position: number | null, done: Written<readonly Buffer[]>): void;
  };
  /** Announces bytes that are on their way to the stream. */
  expect(bytes: number): void;
  /** Bytes announced and not yet written or lost. */
  pendingBytes(): number;
  /** A new stream starts; what the old one still holds is its own affair. */
  forgetPending(): void;
  lostLines(): number;
}

const NEWLINE = 0x0a;

export function createLossyWriter(): LossyWriter {
  let pending = 0;
  let lost = 0;
  let lastByte = NEWLINE;
  let isTorn = false;

  const settle = (data: Buffer, error: Error | null, bytes: number, done: (taken: number) => void) => {
    const taken = error === null ? bytes : data.length;
    pending = Math.max(0, pending - taken);
    if (error === null) {
      lastByte = bytes > 0 ? (data[bytes - 1] ?? NEWLINE) : lastByte;
    } else {
      isTorn = lastByte !== NEWLINE;
      lost += countLines(data);
    }
    done(taken);
  };
  /** Ends a torn line first, if there is one and the disk takes it. */
  const mend = (fd: number, then: () => void) => {
    if (!isTorn) return then();
    write(fd, Buffer.from([NEWLINE]), 0, 1, null, (error) => {
      if (error === null) {
        isTorn = false;
        lastByte = NEWLINE;
      }
      then();
    });
  };
  const put = (fd: number, data: Buffer, done: (taken: number) => void) => {
    mend(fd, () => write(fd, data, 0, data.length, null, (error, bytes) => settle(data, error, bytes, done)));
  };
  return {
    door: {
      write: (fd, data, from, length, _position, done) =>
        put(fd, data.subarray(from, from + length), (taken) => done(null, taken, data)),
      writev: (fd, parts, _position, done) => put(fd, Buffer.concat(parts), (taken) => done(null, taken, parts)),
    },
    expect: (bytes) => {
      pending += bytes;
    },
    pendingBytes: () => pending,
    forgetPending: () => {
      pending = 0;
    },
    lostLines: () => lost,
  };
}

function countLines(data: Buffer): number {
  let count = 0;
  for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, at + 1)) count += 1;
  return Math.max(1, count);
}
