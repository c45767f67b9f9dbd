/**
 * The first member of every archive we write: what it holds, with a checksum of each file.
 *
 * A reader believes nothing that is not in here: names are plain, relative and of a known kind, so that an archive from
 * elsewhere cannot name a place outside the directory it is unpacked to.
 */
import { z } from 'zod';

export const MANIFEST = 'manifest.json';
export const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const FILES_MAX = 5000;
/** Of all files of one archive, unpacked. */
export const TOTAL_MAX_BYTES = 32 * 1024 * 1024 * 1024;

/** What a file is; tells where it goes when it is restored. */
export const ROLES = ['config', 'environment', 'dotenv', 'unit', 'log', 'facts', 'state', 'keys'] as const;
export type Role = (typeof ROLES)[number];

/** Directory, then a name; no dot at its begin but that of `.env`. */
const MEMBER = /^[a-z]+\/(?:\.env|[A-Za-z0-9_@])[\w.@-]{0,120}$/;

const manifestSchema = z.strictObject({
  format: z.literal('snowflake-mcp-archive/1'),
  kind: z.enum(['backup', 'support']),
  backup_date: z.iso.datetime(),
  version: z.string().max(64),
  hostname: z.string().max(256),
  files: z
    .array(
      z.strictObject({
        path: z.string().regex(MEMBER),
        role: z.enum(ROLES),
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(FILES_MAX),
  /** What should be in it and is not, each with the reason. */
  left_out: z.array(z.string()).max(FILES_MAX),
});

export type Manifest = z.output<typeof manifestSchema>;
export type Member = Manifest['files'][number];

/** @throws Error that says in words what is wrong with it */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`its ${MANIFEST} is not JSON`);
  }
  const read = manifestSchema.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(`its ${MANIFEST} is not one of ours (${issue?.path.join('.')}: ${issue?.message})`);
  }
  const manifest = read.data;
  const paths = new Set(manifest.files.map(({ path }) => path));
  if (paths.size < manifest.files.length) throw new Error(`its ${MANIFEST} names a file twice`);
  const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
  if (total > TOTAL_MAX_BYTES) throw new Error(`it unpacks to ${total} bytes, the most is ${TOTAL_MAX_BYTES}`);
  return manifest;
}

export function isMemberName(path: string): boolean {
  return MEMBER.test(path);
}

/** The facts of a member's header in the archive, as the reader found them. */
export interface Found {
  readonly path: string;
  readonly type: string;
  readonly size: number;
}

/** What is wrong with a member; undefined when it is one of the manifest. */
export function memberFault(found: Found, manifest: Manifest, seen: ReadonlySet<string>): string | undefined {
  const { path, type, size } = found;
  if (path.startsWith('/') || path.split('/').includes('..')) return `it has a member that leads outside: ${path}`;
  if (type !== 'File' && type !== 'OldFile') return `its member ${path} is a ${type}, not a file`;
  const known = manifest.files.find((file) => file.path === path);
  if (known === undefined) return `its member ${path} is not in its ${MANIFEST}`;
  if (seen.has(path)) return `it has ${path} twice`;
  return known.size === size ? undefined : `${path} has ${size} bytes, its ${MANIFEST} says ${known.size}`;
}
