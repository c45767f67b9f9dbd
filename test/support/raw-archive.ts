/** An archive built by hand, member by member, as no honest program writes it. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface RawMember {
  readonly path: string;
  readonly text?: string;
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'Directory' | 'CharacterDevice' | 'FIFO';
  readonly linkpath?: string;
}

export function writeRawArchive(file: string, members: readonly RawMember[]): void {
  const blocks = members.flatMap(({ path, text = '', type = 'File', linkpath }) => {
    const body = Buffer.from(text);
    const fields = { path, type, size: body.length, mode: 0o600, mtime: new Date(0) };
    const header = new Header({ ...fields, ...(linkpath === undefined ? {} : { linkpath }) });
    const block = Buffer.alloc(512);
    header.encode(block);
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
}

/** A manifest that fits these files. */
export function rawManifest(files: readonly { path: string; role: string; text: string }[]): RawMember {
  const text = JSON.stringify({
    format: 'snowflake-mcp-archive/1',
    kind: 'backup',
    backup_date: new Date(0).toISOString(),
    version: '1',
    hostname: 'h',
    files: files.map((one) => ({
      path: one.path,
      role: one.role,
      size: Buffer.byteLength(one.text),
      sha256: createHash('sha256').update(one.text).digest('hex'),
    })),
    left_out: [],
  });
  return { path: 'manifest.json', text };
}
