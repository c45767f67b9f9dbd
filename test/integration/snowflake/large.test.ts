/** A large result that is hardly read: what it costs in memory and what becomes of it in Snowflake. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { startEmbeddedChild } from '../../../dist/shared/embedded-child.js';
import { createLog } from '../../../src/shared/log.ts';
import { connectDirect } from '../../support/direct-driver.ts';
import { ask, NEVER, testService } from '../../support/query-service.ts';

const MANY = `SELECT SEQ4() AS n, 'text ' || SEQ4() AS t, SEQ4() * 1.25 AS d FROM TABLE(GENERATOR(ROWCOUNT => 1000000))`;

test('large: 100 of 1,000,000 rows grow memory by less than 30 MiB, in less than twice the time of the driver alone', async () => {
  const log = createLog({ level: 'error', format: 'text', stream: new PassThrough().resume() });
  const engine = await startEmbeddedChild({ log });
  const { url, account, user, privateKeyPem } = engine.endpoint;
  const { service } = testService({ snowflake: { access_url: url, account, user, private_key: privateKeyPem } });
  const direct = await connectDirect(engine.endpoint);
  try {
    await service.warm();
    await service.run(ask('SELECT 1'), NEVER);
    await direct.rows(MANY, 100);
    const startedAt = performance.now();
    await direct.rows(MANY, 100);
    const alone = performance.now() - startedAt;

    const before = process.memoryUsage.rss();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 5);
    const times: number[] = [];
    for (let round = 0; round < 2; round++) {
      const servedAt = performance.now();
      const result = await service.run(ask(MANY, { maxRows: 100 }), NEVER);
      times.push(performance.now() - servedAt);
      expect([result.rows.length, result.truncated]).toEqual([100, { limit: 'rows', max: 100 }]);
    }
    clearInterval(timer);
    expect((Math.max(most, process.memoryUsage.rss()) - before) / 1024 ** 2).toBeLessThan(30);
    expect(Math.min(...times)).toBeLessThan(2 * alone);
    // Nothing of it still runs: the one connection serves the next statement at once.
    expect((await service.run(ask('SELECT 2 AS n'), NEVER)).rows).toEqual([[2]]);
    expect(service.figures()).toMatchObject({ active: 0, total: 1 });
  } finally {
    await service.close(2000);
    await direct.close();
    await engine.close();
  }
}, 60_000);
