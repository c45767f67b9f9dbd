import { expect, test } from 'vitest';
import { pageOf } from '../../../../src/worker/mcp/paging.ts';

const keyOf = (item: string) => item.split('.');
const page = (all: readonly string[], size: number, cursor?: string, list = 'l') =>
  pageOf(all, keyOf, { list, cursor, size });

test('paging: pages are in the order of the key, whatever order the items came in', () => {
  const first = page(['b.a', 'a.b', 'a.a'], 2);
  expect(first?.items).toEqual(['a.a', 'a.b']);
  expect(page(['a.b', 'b.a', 'a.a'], 2, first?.nextCursor)).toEqual({ items: ['b.a'] });
});

test('paging: items that come and go do not shift the next page', () => {
  const cursor = page(['a', 'b', 'c', 'd'], 2)?.nextCursor;
  expect(page(['aa', 'b', 'bb', 'c', 'd'], 2, cursor)?.items).toEqual(['bb', 'c']);
  expect(page(['c', 'd'], 5, cursor)).toEqual({ items: ['c', 'd'] });
  expect(page([], 5, cursor)).toEqual({ items: [] });
});

test.each([
  ['of another list', page(['a', 'b'], 1, undefined, 'other')?.nextCursor],
  ['that is no base64', '%%%'],
  ['that is no JSON', 'bm9uc2Vuc2U'],
  ['of other values', Buffer.from('["l",1]').toString('base64url')],
  ['that is empty', ''],
])('paging: a cursor %s is none', (_what, cursor) => {
  expect(page(['a', 'b'], 1, cursor ?? '')).toBeUndefined();
});

test('paging: names that a text would not keep apart are kept apart', () => {
  const all = ['a"b', 'a,b', 'ä', 'a/b'];
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const next = page(all, 1, cursor);
    seen.push(...(next?.items ?? []));
    cursor = next?.nextCursor;
  } while (cursor !== undefined);
  expect(seen).toEqual([...all].sort());
});
