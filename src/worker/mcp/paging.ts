/**
 * Pages of sorted lists. A cursor names the last item a client has seen, not a position, so that the next page is right
 * even when items came or went in between.
 */

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string;
}

/** Parts of a sort key, the most significant first. */
type Key = readonly string[];

function compare(a: Key, b: Key): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [left = '', right = ''] = [a[at], b[at]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

/** `list` names the list a cursor belongs to. */
function encode(list: string, key: Key): string {
  return Buffer.from(JSON.stringify([list, ...key]), 'utf8').toString('base64url');
}

function decode(list: string, cursor: string): Key | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    const isOurs = Array.isArray(value) && value[0] === list && value.every((part) => typeof part === 'string');
    return isOurs ? value.slice(1) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Up to `size` items after `cursor`, by `keyOf`; undefined for a cursor that is not of this list.
 * Keys must be unique for the list to be complete.
 */
export function pageOf<Item>(
  all: readonly Item[],
  keyOf: (item: Item) => Key,
  { list, cursor, size }: { readonly list: string; readonly cursor?: string | undefined; readonly size: number },
): Page<Item> | undefined {
  const after = cursor === undefined ? undefined : decode(list, cursor);
  if (cursor !== undefined && after === undefined) return undefined;
  const sorted = all.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => compare(a.key, b.key));
  const rest = after === undefined ? sorted : sorted.filter(({ key }) => compare(key, after) > 0);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  const items = page.map(({ item }) => item);
  return rest.length > page.length && last !== undefined ? { items, nextCursor: encode(list, last.key) } : { items };
}
