/**
 * One log file, this process its only writer: rotated by day and size with winston-daily-rotate-file, or a plain file that
 * somebody else moves away.
 *
 * Rotated, the lines go to NAME.YYYY-MM-DD[.N]; NAME itself is a link to the newest, so that `tail -F NAME` follows. Writing never
 * waits and never fails: lines that the disk does not take (full, gone, too slow) are dropped and counted, and the next
 * ones are tried again. The transport reports errors of its stream to nobody, hence the file door below.
 */
import { close, createWriteStream, lstatSync, open, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import DailyRotateFile from 'winston-daily-rotate-file';
import { LOG_PIPE_MAX_BYTES } from '../shared/log-pipe.ts';
import { createLogArchive } from './log-archive.ts';
import { createLossyWriter, type LossyWriter } from './lossy-writer.ts';
import { pathFault } from './path-fault.ts';

const MESSAGE = Symbol.for('message');
const RETRY_MS = 1000;
const CLOSE_WAIT_MS = 1000;
/** Lines go on in pieces that do not carry a file far beyond its size. */
const GATHER_MAX_BYTES = 64 * 1024;
const GATHER_SHARE = 16;
const MODE = 0o640;

export interface LogFileOptions {
  readonly path: string;
  readonly maxBytes: number;
  /** Rotated files that are kept beside the current one. */
  readonly maxFiles: number;
  /** False: it is a plain file, which somebody else moves away and then has opened anew. */
  readonly isRotated: boolean;
}

/** What lines go through: the rotating transport, or a plain stream in its form. */
interface Outlet {
  log?(info: object, next: () => void): unknown;
  close?(): void;
  once(event: 'finish', then: () => void): unknown;
  readonly logStream: NodeJS.EventEmitter;
}

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #writer: LossyWriter;
  readonly #tidy: () => void;
  /** Descriptors and the files behind them, of this and of a transport that still closes. */
  readonly #open = new Map<number, string>();
  #transport: Outlet | undefined;
  #gathered: string[] = [];
  #gatheredBytes = 0;
  #retryAt = 0;
  #dropped = 0;

  /** Opens at the first line, or with `open`. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#writer = createLossyWriter();
    const { path, maxFiles } = options;
    const isOpen = (file: string) => [...this.#open.values()].includes(file);
    this.#tidy = createLogArchive({ path, maxFiles, mode: MODE, isOpen });
  }

  /** @throws AppError PATH_UNUSABLE */
  async open(): Promise<void> {
    const { path } = this.#options;
    try {
      await this.#create();
    } catch (error) {
      await this.close();
      throw pathFault('log file', path, error);
    }
  }

  /** @param line without its end */
  write(line: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#transport === undefined && performance.now() >= this.#retryAt) this.reopen();
    if (this.#transport === undefined || this.#writer.pendingBytes() + bytes > LOG_PIPE_MAX_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#writer.expect(bytes);
    this.#gatheredBytes += bytes;
    const count = this.#gathered.push(line);
    if (this.#gatheredBytes > Math.min(GATHER_MAX_BYTES, this.#options.maxBytes / GATHER_SHARE)) this.#pass();
    else if (count === 1) setImmediate(() => this.#pass());
  }

  /** Lines of one turn of the loop go on together: the transport looks at the day and the size each time. */
  #pass(): void {
    const lines = this.#gathered;
    if (lines.length === 0) return;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    try {
      if (this.#transport === undefined) this.#dropped += lines.length;
      else this.#transport.log?.({ [MESSAGE]: lines.join('\n') }, () => {});
    } catch {
      // Rotation found no directory any more.
      this.#lose();
      this.#dropped += lines.length;
    }
  }

  /** Closes the file and opens it again under its name; whoever moved it away has the old one complete. */
  reopen(): void {
    this.#pass();
    this.#transport?.close?.();
    this.#transport = undefined;
    this.#create().catch(() => this.#lose());
  }

  dropped(): number {
    return this.#dropped + this.#writer.lostLines();
  }

  async close(): Promise<void> {
    this.#pass();
    const transport = this.#transport;
    this.#transport = undefined;
    this.#retryAt = Number.POSITIVE_INFINITY;
    if (transport === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_WAIT_MS);
      transport.once('finish', () => {
        clearTimeout(timer);
        resolve();
      });
      transport.close?.();
    });
  }

  /** What the transport writes through. */
  get #door() {
    return {
      ...this.#writer.door,
      open: (file: string, flags: string, mode: number, done: (error: Error | null, fd: number) => void) =>
        open(file, flags, mode, (error, fd) => {
          if (error === null) this.#open.set(fd, file);
          done(error, fd);
        }),
      close: (fd: number, done: (error?: Error | null) => void) => {
        this.#open.delete(fd);
        close(fd, (error) => {
          if (this.#options.isRotated) this.#tidy();
          done(error);
        });
      },
    };
  }

  #lose(): void {
    this.#transport?.close?.();
    this.#transport = undefined;
    this.#retryAt = Math.max(this.#retryAt, performance.now() + RETRY_MS);
  }

  /** The transport is in use at once; the promise settles when the file is really open. */
  async #create(): Promise<void> {
    const { path, isRotated } = this.#options;
    clearTheWay(path, isRotated);
    this.#writer.forgetPending();
    const transport = isRotated ? this.#rotatingFile() : this.#plainFile();
    this.#transport = transport;
    const { logStream } = transport;
    await new Promise<void>((resolve, reject) => {
      logStream.once('open', () => {
        if (isRotated) this.#tidy();
        resolve();
      });
      logStream.on('error', (error: Error) => {
        if (this.#transport === transport) this.#lose();
        reject(error);
      });
    });
  }

  #rotatingFile(): Outlet {
    const { path, maxBytes, maxFiles } = this.#options;
    const name = basename(path);
    const auditFile = join(dirname(path), `.${name}-audit.json`);
    removeBrokenList(auditFile);
    return new DailyRotateFile({
      filename: path,
      datePattern: 'YYYY-MM-DD',
      maxSize: `${Math.max(1, Math.ceil(maxBytes / 1024))}k`,
      maxFiles: maxFiles + 1,
      createSymlink: true,
      symlinkName: name,
      auditFile,
      eol: '\n',
      options: { flags: 'a', mode: MODE, fs: this.#door },
    });
  }

  #plainFile(): Outlet {
    const stream = createWriteStream(this.#options.path, { flags: 'a', mode: MODE, fs: this.#door });
    return {
      logStream: stream,
      log: (info) => stream.write(`${(info as Record<symbol, string>)[MESSAGE]}\n`),
      close: () => stream.end(),
      once: (event, then) => stream.once(event, then),
    };
  }
}

/**
 * Rotated, the name must be free for the link: a file of that name is moved aside. A plain file goes on, and a link that
 * an earlier rotation has left there is removed. Anything else is refused.
 */
function clearTheWay(path: string, isRotated: boolean): void {
  const refuse = (reason: string) => pathFault('log file', path, new Error(reason));
  const strange = /[\\^$*+?()[\]{}|"<>:]/.exec(path)?.[0];
  if (isRotated && strange !== undefined)
    throw refuse(`log rotation cannot work with a path that has the character ${strange}`);
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isSymbolicLink()) {
    const target = readlinkSync(path);
    if (!target.startsWith(`${basename(path)}.`)) throw refuse(`it is a link to ${target}, which is not a log of ours`);
    if (!isRotated) rmSync(path);
  } else if (found.isFile()) {
    if (isRotated) renameSync(path, freeName(`${path}.old`));
  } else throw refuse('it is not a plain file');
}

function freeName(wanted: string): string {
  let name = wanted;
  for (let number = 1; lstatSync(name, { throwIfNoEntry: false }) !== undefined; number += 1)
    name = `${wanted}.${number}`;
  return name;
}

/** The transport would never remove a file again when it cannot read its list of them. */
function removeBrokenList(auditFile: string): void {
  try {
    JSON.parse(readFileSync(auditFile, 'utf8'));
  } catch {
    rmSync(auditFile, { force: true });
  }
}
