/**
 * Reads a log file that another process writes and rotates.
 *
 * Following looks every 200 ms: a new file under the name (rotation) is read from its start after the old one has been
 * read to its end, a file that became shorter (copytruncate) from its start.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';

const LOOK_EVERY_MS = 200;
const CHUNK_BYTES = 64 * 1024;

/** What the daemon's own rotation calls a file: NAME.DATE, then NAME.DATE.1 and so on, older ones with gzip. */
const ROTATED = /^\.(\d{4}-\d\d-\d\d)(?:\.(\d+))?(\.gz)?$/;

/**
 * The last wanted lines of a file as it is now, and where it ended. When it has fewer, as just after midnight, those of
 * the file before it come first.
 * @param sinceMs instead those of all rotated files that were written to since then
 */
export async function lastLines(
  file: string,
  count: number,
  accepts: (line: string) => boolean,
  sinceMs?: number,
): Promise<{ lines: string[]; end: number }> {
  const { size } = await stat(file);
  const rotated = await rotatedFiles(file);
  const take = async (input: NodeJS.ReadableStream, lines: string[]) => {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (!accepts(line)) continue;
      lines.push(line);
      // Dropped in bulk, so that a long file costs no more than twice what is wanted.
      if (lines.length > 2 * count + 1000) lines.splice(0, lines.length - count);
    }
  };
  const newest: string[] = [];
  if (size > 0) await take(createReadStream(file, { end: size - 1 }), newest);
  const before = newest.length < count ? rotated.slice(-1) : [];
  const older: string[] = [];
  for (const path of sinceMs === undefined ? before : await writtenSince(rotated, sinceMs)) {
    await take(readRotated(path), older).catch(passOver);
  }
  return { lines: tail(older.concat(newest), count), end: size };
}

/** Oldest first, without the one that is being written. */
async function rotatedFiles(file: string): Promise<string[]> {
  const directory = dirname(file);
  const current = basename(await realpath(file));
  const names = await readdir(directory).catch(() => []);
  const found = names.flatMap((name) => {
    const [, date, number = '0'] = name.startsWith(basename(file))
      ? (ROTATED.exec(name.slice(basename(file).length)) ?? [])
      : [];
    return date === undefined || name === current
      ? []
      : [{ path: join(directory, name), date, number: Number(number) }];
  });
  return found.sort((a, b) => a.date.localeCompare(b.date) || a.number - b.number).map(({ path }) => path);
}

async function writtenSince(files: readonly string[], sinceMs: number): Promise<string[]> {
  const wanted: string[] = [];
  for (const path of files) {
    const writtenAt = await stat(path).then(({ mtimeMs }) => mtimeMs, passOver);
    if (writtenAt !== undefined && writtenAt >= sinceMs) wanted.push(path);
  }
  return wanted;
}

function readRotated(path: string): NodeJS.ReadableStream {
  const input = createReadStream(path);
  if (!path.endsWith('.gz')) return input;
  const unzipped = createGunzip();
  input.on('error', (error) => unzipped.destroy(error));
  return input.pipe(unzipped);
}

/** A file that is compressed or removed at this moment. */
const passOver = () => undefined;

function tail(lines: readonly string[], count: number): string[] {
  return lines.slice(Math.max(0, lines.length - count));
}

/** The whole lines of at most the last `maxBytes` of a file; none when it is not there. */
export async function readEnd(file: string, maxBytes: number): Promise<string[]> {
  const handle = await openQuietly(file);
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return lines.slice(length < size ? 1 : 0, -1);
  } finally {
    await handle.close();
  }
}

/** New whole lines from `offset` on, until the signal aborts. */
export async function* followLines(file: string, offset: number, signal: AbortSignal): AsyncGenerator<string> {
  let current = await openAt(file, offset);
  try {
    while (!signal.aborted) {
      if (current) yield* current.unread();
      if (await isReplaced(file, current)) {
        const next = await openAt(file, 0);
        if (next) {
          // What was written between the last look and the rotation.
          if (current) yield* current.unread();
          await current?.handle.close();
          current = next;
          continue;
        }
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    await current?.handle.close();
  }
}

interface OpenLog {
  readonly handle: FileHandle;
  /** The whole lines since the last call. */
  unread(): AsyncGenerator<string>;
}

async function openAt(file: string, offset: number): Promise<OpenLog | undefined> {
  const handle = await openQuietly(file);
  return handle && openLog(handle, offset);
}

function openLog(handle: FileHandle, offset: number): OpenLog {
  let [position, decoder, rest] = [offset, new StringDecoder('utf8'), ''];
  async function* unread(): AsyncGenerator<string> {
    const { size } = await handle.stat();
    if (size < position) [position, decoder, rest] = [0, new StringDecoder('utf8'), ''];
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  }
  return { handle, unread };
}

/** True when the name now stands for another file than the open one. */
async function isReplaced(file: string, current: OpenLog | undefined): Promise<boolean> {
  try {
    const named = await stat(file);
    const opened = await current?.handle.stat();
    return opened === undefined || opened.ino !== named.ino || opened.dev !== named.dev;
  } catch {
    return false;
  }
}

async function openQuietly(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch {
    return undefined;
  }
}
