import { expect, test } from 'vitest';
import { AnswerShelf } from '../../../../src/worker/session/answer-shelf.ts';

const item = (key: string, session: string, bytes: number, atMs = 0) => ({ key, session, bytes, atMs, version: 1 });
const keys = (items: readonly { key: string }[]) => items.map(({ key }) => key);

test('shelf: over the bound of a session its oldest answers leave, not those of others', () => {
  const shelf = new AnswerShelf(100, 1000);
  shelf.put(item('b1', 'b', 90));
  expect(keys(shelf.put(item('a1', 'a', 50)))).toEqual([]);
  expect(keys(shelf.put(item('a2', 'a', 50)))).toEqual([]);
  expect(keys(shelf.put(item('a3', 'a', 60)))).toEqual(['a1', 'a2']);
  expect(shelf.bytes).toBe(150);
});

test('shelf: over the bound of all the oldest answers leave, whoever they belong to', () => {
  const shelf = new AnswerShelf(100, 200);
  for (const name of ['a', 'b', 'c']) expect(keys(shelf.put(item(name, name, 60)))).toEqual([]);
  expect(keys(shelf.put(item('d', 'd', 100)))).toEqual(['a', 'b']);
  expect(shelf.bytes).toBe(160);
});

test('shelf: what no eviction makes room for may not be held', () => {
  expect(new AnswerShelf(100, 1000).mayHold(101)).toBe(false);
  expect(new AnswerShelf(100, 50).mayHold(51)).toBe(false);
  expect(new AnswerShelf(100, 1000).mayHold(100)).toBe(true);
});

test('shelf: the old are taken by age, and taking leaves nothing counted', () => {
  const shelf = new AnswerShelf(100, 1000);
  for (const at of [1, 2, 3]) shelf.put(item(String(at), 's', 10, at));
  expect(keys(shelf.takeUntil(2))).toEqual(['1', '2']);
  expect(shelf.take('3')?.key).toBe('3');
  expect([shelf.bytes, shelf.take('3')]).toEqual([0, undefined]);
});
