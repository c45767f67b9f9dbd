/**
 * Whether an LMDB file is what it should be, told from its first two pages without opening it: the library maps the file
 * into memory, and one that is damaged ends the process.
 *
 * Layout (lmdb 3.5): each of the first two pages has the magic number at byte 24, the page size at 48, the root page of
 * the records at 136, the last page at 144 and the transaction at 152; the newer of the two counts.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const MAGIC = 0xbeefc0de;
const HEAD_BYTES = 160;
const PAGE_MIN = 512;
const PAGE_MAX = 65_536;
/** Pages at the end that were taken and given back are never written. */
const UNWRITTEN_MAX = 256;
const NO_PAGE = 0xffffffffffffffffn;

/** What is wrong with the file, in words; undefined when nothing is, or when there is none. @throws when it cannot be read */
export function lmdbFault(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return fstatSync(fd).size === 0 ? undefined : faultOf(fd);
  } finally {
    closeSync(fd);
  }
}

function faultOf(fd: number): string | undefined {
  const first = headAt(fd, 0);
  if (first === undefined) return 'its first page is not that of a store';
  const second = headAt(fd, first.pageSize);
  if (second === undefined) return 'its second page is not that of a store';
  const newest = second.transaction > first.transaction ? second : first;
  // Others write meanwhile, and the file only grows: it is measured after what it should hold was read.
  const pages = BigInt(Math.floor(fstatSync(fd).size / newest.pageSize));
  if (newest.root !== NO_PAGE && newest.root >= pages) return 'it is cut off';
  return newest.last >= pages + BigInt(UNWRITTEN_MAX) ? 'it is cut off' : undefined;
}

function headAt(fd: number, at: number) {
  const head = Buffer.alloc(HEAD_BYTES);
  if (readSync(fd, head, 0, HEAD_BYTES, at) < HEAD_BYTES) return undefined;
  const pageSize = head.readUInt32LE(48);
  if (head.readUInt32LE(24) !== MAGIC || pageSize < PAGE_MIN || pageSize > PAGE_MAX) return undefined;
  return {
    pageSize,
    root: head.readBigUInt64LE(136),
    last: head.readBigUInt64LE(144),
    transaction: head.readBigUInt64LE(152),
  };
}
