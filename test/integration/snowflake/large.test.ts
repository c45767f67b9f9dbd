/** A large result that is hardly read: what it costs in memory and what becomes of it in Snowflake; `npm run bench -- rows` has the time. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { startEmbeddedChild } from '../../../dist/shared/embedded-child.js';
import { createLog } from '../../../src/shared/log.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';

const MANY = `SELECT SEQ4() AS n, 'text ' || SEQ4() AS t, SEQ4() * 1.25 AS d FROM TABLE(GENERATOR(ROWCOUNT => 1000000))`;

test('large: 100 of 1,000,000 rows grow memory by less than 30 MiB, and nothing of the statement runs on', async () => {
  const log = createLog({ level: 'error', format: 'text', stream: new PassThrough().resume() });
  const engine = await startEmbeddedChild({ log });
  const { url, account, user, privateKeyPem } = engine.endpoint;
  const { service } = testService({ snowflake: { access_url: url, account, user, private_key: privateKeyPem } });
  try {
    await service.warm();
    await service.run(ask('SELECT 1'), NEVER);
    const before = process.memoryUsage.rss();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 5);
    for (let round = 0; round < 2; round++) {
      const result = await service.run(ask(MANY, { maxRows: 100 }), NEVER);
      expect([result.rows.length, result.truncated]).toEqual([100, { limit: 'rows', max: 100 }]);
    }
    clearInterval(timer);
    expect((Math.max(most, process.memoryUsage.rss()) - before) / 1024 ** 2).toBeLessThan(30);
    // Nothing of it still runs: the one connection serves the next statement at once.
    expect((await service.run(ask('SELECT 2 AS n'), NEVER)).rows).toEqual([[2]]);
    expect(service.figures()).toMatchObject({ active: 0, total: 1 });
  } finally {
    await service.close(2000);
    await engine.close();
  }
}, 60_000);
