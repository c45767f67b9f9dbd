/** The real promtool reads the metrics of a real cluster under load, on both ports. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { samples, startDaemon } from '../support/daemon.ts';
import { eventually } from '../support/eventually.ts';
import { startLoad } from '../support/load.ts';

test('promtool check metrics has nothing to say', async () => {
  await using daemon = await startDaemon();
  const load = await startLoad(daemon.url, 5);
  await eventually(() => load.ok() > 50, { what: 'load runs', deadlineMs: 30_000 });
  await load.stop();
  await eventually(async () => samples(await daemon.metrics(), 'query_duration_seconds_count').size > 0);
  for (const url of [daemon.metricsUrl, daemon.url]) {
    const input = await (await fetch(`${url}/metrics`)).text();
    // Its words are on stderr, whatever its exit code.
    const said = execFileSync('/bin/sh', ['-c', 'promtool check metrics 2>&1'], { input, encoding: 'utf8' });
    expect(said.trim()).toBe('');
  }
});
