/**
 * Writes a staged directory as one compressed archive, encrypted when a passphrase is named, and reads such an archive
 * back: every member is checked against the manifest before anything of it is used.
 *
 * Members are unpacked to numbered files: no name out of an archive ever becomes a path.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { create, Parser, type ReadEntry } from 'tar';
import { AppError } from '../../shared/errors.ts';
import { type GpgStream, startGpg } from './gpg.ts';
import { MANIFEST, MANIFEST_MAX_BYTES, type Manifest, type Member, memberFault, parseManifest } from './manifest.ts';
import { type Staging, writeAll } from './staging.ts';

/** Where an archive is written before it is whole. */
export function unfinishedOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.part`);
}

/** Writes the archive under a name of its own first; a failed one leaves nothing. @throws AppError ENCRYPTION_FAILED */
export async function writeArchive(staging: Staging, file: string, passphraseFile: string | undefined): Promise<void> {
  const unfinished = unfinishedOf(file);
  const names = [MANIFEST, ...staging.members().map(({ path }) => path)];
  const packed = create({ cwd: staging.dir, gzip: true, portable: true, strict: true }, names) as unknown as Readable;
  const out = createWriteStream(unfinished, { mode: 0o600, flags: 'wx', flush: true });
  try {
    if (passphraseFile === undefined) await pipeline(packed, out);
    else await encrypted(packed, startGpg('encrypt', passphraseFile), out);
    renameSync(unfinished, file);
  } catch (error) {
    out.destroy();
    rmSync(unfinished, { force: true });
    throw error;
  }
}

async function encrypted(packed: Readable, gpg: GpgStream, out: NodeJS.WritableStream): Promise<void> {
  try {
    const given = pipeline(packed, gpg.input).catch(() => {});
    await Promise.all([given, pipeline(gpg.output, out)]);
    const { code, said } = await gpg.ended;
    if (code !== 0) throw new AppError('ENCRYPTION_FAILED', { reason: said });
  } finally {
    gpg.close();
  }
}

export interface OpenedArchive {
  readonly manifest: Manifest;
  /** The checked content of a member, in the directory it was unpacked to. */
  fileOf(member: Member): string;
}

export interface ArchiveSource {
  readonly file: string;
  readonly passphraseFile?: string | undefined;
  /** An empty directory of the caller. */
  readonly unpackTo: string;
}

/** @throws AppError BACKUP_UNUSABLE, PASSPHRASE_WRONG, ENCRYPTION_FAILED; what a write throws, a full disk too */
export async function openArchive(source: ArchiveSource): Promise<OpenedArchive> {
  const { file, passphraseFile, unpackTo } = source;
  const reader = new MemberReader(unpackTo);
  const bytes = createReadStream(file);
  const gpg = file.endsWith('.gpg') ? startGpg('decrypt', requireGiven(file, passphraseFile)) : undefined;
  try {
    const fed = gpg === undefined ? undefined : pipeline(bytes, gpg.input).catch(() => {});
    await feed(gpg?.output ?? bytes, reader);
    gpg?.output.destroy();
    await fed;
    if (gpg !== undefined && !reader.isStopped()) await requireOpened(gpg, file);
    return { manifest: reader.finish(), fileOf: (member) => reader.fileOf(member) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof AppError || code === 'ENOSPC' || code === 'EDQUOT') throw error;
    if (gpg !== undefined && !reader.isStopped()) await requireOpened(gpg, file);
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('BACKUP_UNUSABLE', { file, reason }, { cause: error });
  } finally {
    bytes.destroy();
    gpg?.close();
    reader.close();
  }
}

function requireGiven(file: string, passphraseFile: string | undefined): string {
  if (passphraseFile !== undefined) return passphraseFile;
  const next = 'Name the file with its passphrase: --passphrase-file FILE.';
  throw new AppError('BACKUP_UNUSABLE', { file, reason: 'it is encrypted', next });
}

async function requireOpened(gpg: GpgStream, file: string): Promise<void> {
  const { code, said } = await gpg.ended;
  if (code === 0) return;
  if (code === 127) throw new AppError('ENCRYPTION_FAILED', { reason: said });
  if (/bad (session )?key|decryption failed/i.test(said) && !/no valid openpgp|no data/i.test(said)) {
    throw new AppError('PASSPHRASE_WRONG', { file });
  }
  throw new AppError('BACKUP_UNUSABLE', { file, reason: said.split('\n')[0] ?? '' });
}

async function feed(bytes: Readable, reader: MemberReader): Promise<void> {
  const parser = new Parser({ strict: true, onReadEntry: (entry) => reader.take(entry) });
  let failure: unknown;
  parser.on('error', (error) => {
    failure ??= error;
  });
  const ended = new Promise<void>((resolve) => {
    parser.on('end', resolve);
    parser.on('error', () => resolve());
  });
  for await (const chunk of bytes) {
    if (failure === undefined && !parser.write(chunk as Buffer)) await Promise.race([drained(parser), ended]);
    reader.requireSound();
    if (failure !== undefined) throw failure;
  }
  parser.end();
  await ended;
  reader.requireSound();
  if (failure !== undefined) throw failure;
}

function drained(parser: Parser): Promise<void> {
  return new Promise((resolve) => parser.once('drain', resolve));
}

/** Takes the members one by one, the manifest first. */
class MemberReader {
  readonly #dir: string;
  readonly #files = new Map<string, string>();
  #manifest: Manifest | undefined;
  #fault: unknown;
  #open: number | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  isStopped(): boolean {
    return this.#fault !== undefined;
  }

  requireSound(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  take(entry: ReadEntry): void {
    this.#try(() => {
      if (this.#manifest === undefined) return this.#takeManifest(entry);
      const found = { path: entry.path, type: entry.type, size: entry.size };
      const fault = memberFault(found, this.#manifest, new Set(this.#files.keys()));
      if (fault !== undefined) throw new Error(fault);
      const sha256 = this.#manifest.files.find(({ path }) => path === entry.path)?.sha256;
      this.#store(entry, (checksum) => {
        if (checksum !== sha256) throw new Error(`${entry.path} has been changed: its checksum is another one`);
      });
    });
    if (this.isStopped()) entry.resume();
  }

  #takeManifest(entry: ReadEntry): void {
    const isManifest = entry.path === MANIFEST && entry.type === 'File' && entry.size <= MANIFEST_MAX_BYTES;
    if (!isManifest) throw new Error(`it is no archive of ours: its first member is not ${MANIFEST}`);
    this.#store(entry, () => {
      this.#manifest = parseManifest(readFileSync(this.#files.get(MANIFEST) ?? '', 'utf8'));
    });
  }

  #store(entry: ReadEntry, onEnd: (checksum: string) => void): void {
    const file = join(this.#dir, String(this.#files.size));
    this.#files.set(entry.path, file);
    const hash = createHash('sha256');
    const fd = openSync(file, 'wx', 0o600);
    this.#open = fd;
    entry.on('data', (chunk) =>
      this.#try(() => {
        if (this.isStopped()) return;
        hash.update(chunk);
        writeAll(fd, chunk);
      }),
    );
    entry.on('end', () =>
      this.#try(() => {
        this.close();
        if (!this.isStopped()) onEnd(hash.digest('hex'));
      }),
    );
  }

  fileOf({ path }: Member): string {
    return this.#files.get(path) ?? '';
  }

  /** The manifest, once every file of it has been seen. */
  finish(): Manifest {
    this.requireSound();
    const manifest = this.#manifest;
    if (manifest === undefined) throw new Error('it is no archive of ours, or it is empty');
    const missing = manifest.files.find(({ path }) => !this.#files.has(path));
    if (missing !== undefined) throw new Error(`${missing.path} is missing`);
    return manifest;
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open);
    this.#open = undefined;
  }

  #try(deed: () => void): void {
    try {
      deed();
    } catch (error) {
      this.#fault ??= error;
    }
  }
}
