import { expect, test } from 'vitest';
import { type Change, withChanges } from '../../../../src/worker/mcp/changes.ts';
import type { ResourceContext, Resources } from '../../../../src/worker/mcp/resources.ts';

test('changes: what another role or login sees is no change, what the same one sees anew is', async () => {
  const told: Change[] = [];
  let version = 1;
  const seen = ({ caller: { role, identity } }: ResourceContext) => `${role} ${identity} ${version}`;
  const resources: Resources = {
    list: async (_cursor, context) => ({
      resources: [{ uri: 'u', name: seen(context), title: '', description: '', mimeType: '' }],
    }),
    read: async (_uri, context) => seen(context),
    complete: async () => ({ values: [], total: 0, hasMore: false }),
  };
  const { list, read } = withChanges(resources, { publish: (change) => told.push(change), subscribe: () => () => {} });
  const callers = [{}, { identity: 'etl' }, { identity: 'bi' }, { role: 'R' }, { role: 'R', identity: 'etl' }];
  const contexts = callers.map(
    (more): ResourceContext => ({
      caller: { requestId: 'r', principal: 'p', scopes: ['read'], ...more },
      signal: new AbortController().signal,
    }),
  );
  const all = async () => {
    for (const context of contexts) {
      await list(undefined, context);
      await read('snowflake://A/B/C', context);
    }
  };
  await all();
  await all();
  expect(told).toEqual([]);
  version++;
  await all();
  expect(told).toHaveLength(2 * callers.length);
});
