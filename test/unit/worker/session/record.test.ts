import { expect, test } from 'vitest';
import { ownerName, parseOwner, principalMark, recordKey } from '../../../../src/worker/session/record.ts';

test('record: the name of an owner tells daemon, incarnation and epoch, whatever the daemon is called', () => {
  for (const owner of [
    { daemon: 'd', incarnation: 1, epoch: 0 },
    { daemon: 'a.b+3', incarnation: 12, epoch: 7 },
    { daemon: 'x_-y', incarnation: 0, epoch: 0 },
  ]) {
    expect(parseOwner(ownerName(owner.daemon, owner.incarnation, owner.epoch))).toEqual(owner);
  }
  for (const wrong of ['', 'd', 'd.', '.1', 'd.x', 'd.1+', 'd.1+x']) expect(parseOwner(wrong)).toBeUndefined();
});

test('record: keys of one principal stand together and apart from those of any other', () => {
  expect(recordKey('p', 'id')).toBe(`${principalMark('p')}.id`);
  expect(principalMark('p')).not.toBe(principalMark('p2'));
  expect(principalMark('p'.repeat(500))).toHaveLength(principalMark('').length);
});
