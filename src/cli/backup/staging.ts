/**
 * A private directory in which the files of an archive come together, each with its checksum, before it is written.
 *
 * A log that is being written is taken up to the size it had; a file that cannot be read is left out and named, while a
 * failed write (a full disk) ends the whole.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { makeDirectories } from '../../shared/directories.ts';
import { VERSION } from '../../shared/version.ts';
import { isMemberName, MANIFEST, type Manifest, type Member, type Role } from './manifest.ts';

const CHUNK_BYTES = 256 * 1024;

export interface Staging {
  readonly dir: string;
  addFile(path: string, role: Role, source: string): void;
  addText(path: string, role: Role, text: string): void;
  /** A file that `make` writes to the path it is given. */
  addMade(path: string, role: Role, make: (file: string) => Promise<void>): Promise<void>;
  leaveOut(what: string, reason: string): void;
  members(): readonly Member[];
  leftOut(): readonly string[];
  /** Writes the manifest. */
  seal(kind: Manifest['kind'], date: Date): Manifest;
  remove(): void;
}

/** @param parent an existing directory on the disk the archive goes to */
export function createStaging(parent: string): Staging {
  const dir = mkdtempSync(join(parent, '.snowflake-mcp-'));
  const members: Member[] = [];
  const leftOut: string[] = [];
  const place = (path: string) => {
    if (!isMemberName(path)) throw new Error(`${path} is no name of a member`);
    const file = join(dir, path);
    makeDirectories(dirname(file), 0o700);
    return file;
  };
  const leaveOut = (what: string, reason: string) => void leftOut.push(`${what}: ${reason}`);
  return {
    dir,
    addFile: (path, role, source) => {
      const fd = openSource(source);
      if (typeof fd === 'string') return leaveOut(source, fd);
      try {
        members.push({ path, role, ...copyOpen(fd, place(path)) });
      } finally {
        closeSync(fd);
      }
    },
    addText: (path, role, text) => {
      const bytes = Buffer.from(text);
      writeFileSync(place(path), bytes, { mode: 0o600 });
      members.push({ path, role, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    },
    addMade: async (path, role, make) => {
      const file = place(path);
      await make(file);
      members.push({ path, role, size: statSync(file).size, sha256: checksumOf(file) });
    },
    leaveOut,
    members: () => members,
    leftOut: () => leftOut,
    seal: (kind, date) => {
      const manifest: Manifest = {
        format: 'snowflake-mcp-archive/1',
        kind,
        backup_date: date.toISOString(),
        version: VERSION,
        hostname: hostname(),
        files: members,
        left_out: leftOut,
      };
      writeFileSync(join(dir, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
      return manifest;
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Why it cannot be read, in words, in place of its descriptor. */
function openSource(file: string): number | string {
  try {
    const fd = openSync(file, 'r');
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    return 'it is not a file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

function copyOpen(source: number, target: string): Pick<Member, 'size' | 'sha256'> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const end = fstatSync(source).size;
  const out = openSync(target, 'wx', 0o600);
  let size = 0;
  try {
    while (size < end) {
      const read = readSync(source, buffer, 0, Math.min(buffer.length, end - size), size);
      if (read === 0) break;
      const chunk = buffer.subarray(0, read);
      writeAll(out, chunk);
      hash.update(chunk);
      size += read;
    }
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  return { size, sha256: hash.digest('hex') };
}

export function writeAll(fd: number, chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at);
}

function checksumOf(file: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const fd = openSync(file, 'r');
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return hash.digest('hex');
}
