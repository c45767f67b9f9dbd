/**
 * All log files of the daemon, written by this process alone: its own lines, those that workers send through their log
 * pipe (as they are), and what workers print (as lines of event worker.stdout and worker.stderr).
 *
 * Files: the daemon's, worker-N.log, audit.log and, with merge_logs, application.log with every line. Nothing here waits
 * for a disk: what it does not take is dropped and counted.
 */
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import type { Config } from '../shared/config/schema.ts';
import { makeDirectories } from '../shared/directories.ts';
import { createLog } from '../shared/log.ts';
import { AUDIT_MARK, LOG_LINE_MAX_BYTES, LOG_MARK } from '../shared/log-pipe.ts';
import type { DaemonPaths } from '../shared/paths.ts';
import { readLines } from './line-reader.ts';
import { LogFile } from './log-file.ts';
import { createStdoutLog, type StdoutLog } from './log-stdout.ts';
import { pathFault } from './path-fault.ts';
import { slotName } from './rules/slot.ts';

/** Printed lines of one stream that are kept in a second; a library that prints in a loop must not fill the log. */
const PRINTED_PER_SECOND = 500;
const PRINTED_LINE_MAX = 8192;
/** How long `close` waits for the ends of pipes whose workers are gone. */
const DRAIN_WAIT_MS = 300;
const DIR_MODE = 0o750;

interface WorkerStreams {
  readonly log?: Readable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

export interface LogSink {
  /** Takes whole lines of the daemon's own log. */
  readonly daemon: Writable;
  /** @returns a way to tell that the process serves another slot from now on */
  attachWorker(slot: number, streams: WorkerStreams): { move(slot: number): void };
  /** Opens every file anew, after something outside has moved them. */
  reopen(): void;
  /** Lines lost so far. */
  dropped(): number;
  /** Writes what is there and closes; later lines are lost. */
  close(): Promise<void>;
}

type Logging = Pick<Config['logging'], 'format' | 'merge_logs' | 'rotate' | 'stdout' | 'max_size' | 'max_files'>;

/** @throws AppError PATH_UNUSABLE when the directory or a file in it cannot be written */
export async function createLogSink(
  logging: Logging,
  paths: Pick<DaemonPaths, 'logDir' | 'daemonLog'>,
): Promise<LogSink> {
  prepareDir(paths.logDir);
  const sink = new Sink(logging, paths);
  await sink.open();
  return sink;
}

class Sink implements LogSink {
  readonly daemon: Writable;
  readonly #logging: Logging;
  readonly #logDir: string;
  readonly #own: LogFile;
  readonly #audit: LogFile;
  readonly #merged: LogFile | undefined;
  readonly #stdout: StdoutLog | undefined;
  readonly #workers = new Map<number, LogFile>();
  readonly #attached = new Set<Readable>();
  #dropped = 0;
  #closing: Promise<void> | undefined;

  constructor(logging: Logging, paths: Pick<DaemonPaths, 'logDir' | 'daemonLog'>) {
    this.#logging = logging;
    this.#logDir = paths.logDir;
    this.#own = this.#file(paths.daemonLog);
    this.#audit = this.#file(join(paths.logDir, 'audit.log'));
    this.#merged = logging.merge_logs ? this.#file(join(paths.logDir, 'application.log')) : undefined;
    this.#stdout = logging.stdout ? createStdoutLog() : undefined;
    this.daemon = lineWritable((line) => this.#write(this.#own, line));
  }

  async open(): Promise<void> {
    try {
      for (const file of this.#files()) await file.open();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  attachWorker(slot: number, { log, stdout, stderr }: WorkerStreams): { move(slot: number): void } {
    let file = this.#workerFile(slot);
    let worker = slotName(slot);
    const printed = createLog({
      level: 'debug',
      format: this.#logging.format,
      stream: lineWritable((line) => this.#write(file, line)),
    });
    const printedLine = (event: string, line: string) => {
      if (event === 'worker.stderr') printed.warn(event, line, { worker });
      else printed.info(event, line, { worker });
    };
    const receive = (line: string) => {
      if (line[0] === LOG_MARK) this.#write(file, line.slice(1));
      else if (line[0] === AUDIT_MARK) this.#write(this.#audit, line.slice(1));
      else printedLine('worker.stdout', line);
    };
    if (log) this.#read(log, LOG_LINE_MAX_BYTES, receive);
    if (stdout)
      this.#read(
        stdout,
        PRINTED_LINE_MAX,
        this.#limited((line) => printedLine('worker.stdout', line)),
      );
    if (stderr)
      this.#read(
        stderr,
        PRINTED_LINE_MAX,
        this.#limited((line) => printedLine('worker.stderr', line)),
      );
    return {
      move: (next) => {
        file = this.#workerFile(next);
        worker = slotName(next);
      },
    };
  }

  reopen(): void {
    for (const file of this.#files()) file.reopen();
  }

  dropped(): number {
    return this.#files().reduce((all, file) => all + file.dropped(), this.#dropped + (this.#stdout?.dropped() ?? 0));
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const ended = [...this.#attached].map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_WAIT_MS);
    });
    await Promise.race([Promise.all(ended), deadline]);
    clearTimeout(timer);
    await Promise.all([...this.#files(), ...(this.#stdout ? [this.#stdout] : [])].map((file) => file.close()));
  }

  #file(path: string): LogFile {
    const { rotate, max_size: maxBytes, max_files: maxFiles } = this.#logging;
    return new LogFile({ path, maxBytes, maxFiles, isRotated: rotate === 'internal' });
  }

  #workerFile(slot: number): LogFile {
    const file = this.#workers.get(slot) ?? this.#file(join(this.#logDir, `worker-${slotName(slot)}.log`));
    this.#workers.set(slot, file);
    return file;
  }

  #files(): LogFile[] {
    return [this.#own, this.#audit, ...(this.#merged ? [this.#merged] : []), ...this.#workers.values()];
  }

  #write(file: LogFile, line: string): void {
    if (line === '') return;
    file.write(line);
    this.#merged?.write(line);
    this.#stdout?.write(line);
  }

  #read(stream: Readable, maxLength: number, onLine: (line: string) => void): void {
    this.#attached.add(stream);
    stream.once('close', () => this.#attached.delete(stream));
    stream.on('error', () => stream.destroy());
    readLines(stream, maxLength, onLine);
  }

  /** Lets a bounded number of lines a second through. */
  #limited(onLine: (line: string) => void): (line: string) => void {
    let second = 0;
    let count = 0;
    return (line) => {
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) count = 0;
      second = now;
      count += 1;
      if (count > PRINTED_PER_SECOND) this.#dropped += 1;
      else onLine(line);
    };
  }
}

/** A chunk is a line; line breaks inside would look like further lines and become spaces. */
function lineWritable(onLine: (line: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write: (chunk: Buffer | string, _encoding, done) => {
      onLine(
        chunk
          .toString()
          .replace(/\r?\n$/, '')
          .replace(/\r?\n/g, ' '),
      );
      done();
    },
  });
}

function prepareDir(dir: string): void {
  try {
    makeDirectories(dir, DIR_MODE);
    const space = statfsSync(dir);
    if (space.blocks > 0 && space.bavail === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  } catch (error) {
    throw pathFault('log directory', dir, error);
  }
}
