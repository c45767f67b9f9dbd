import { expect, test } from 'vitest';
import { fleetLimits, workerCountOf } from '../../../src/primary/fleet-limits.ts';
import { nextConfig } from '../../../src/primary/next-config.ts';
import { configSchema } from '../../../src/shared/config/schema.ts';

test('next config: what may change is new, what needs a restart stays and is named', () => {
  const running = configSchema.parse({ server: { port: 8100 }, limits: { max_rows: 5 } });
  const loaded = configSchema.parse({ server: { port: 9000, keep_alive_timeout: '9s' }, limits: { max_rows: 7 } });
  const { config, notApplied } = nextConfig(running, loaded);
  expect(notApplied).toEqual(['server.port']);
  expect(config.server).toMatchObject({ port: 8100, keep_alive_timeout: 9000 });
  expect(config.limits.max_rows).toBe(7);
  expect(Object.isFrozen(config.server)).toBe(true);
});

test('next config: what the running version does not know yet comes from the new one, what is not set stays so', () => {
  const loaded = configSchema.parse({ server: { pid_file: '/x.pid' }, state: { max_size: '64M' } });
  const { state: _none, ...older } = configSchema.parse({});
  const { max_connections: _unknown, ...metrics } = older.metrics;
  const { config, notApplied } = nextConfig({ ...older, metrics } as typeof loaded, loaded);
  expect(config.state).toEqual(loaded.state);
  expect(config.metrics.max_connections).toBe(loaded.metrics.max_connections);
  expect(notApplied).toEqual(['server.pid_file']);
});

test('worker count: max and negative counts follow the processors, at least one', () => {
  expect([workerCountOf('max', 4), workerCountOf(3, 4), workerCountOf(-1, 4), workerCountOf(-9, 4)]).toEqual([
    4, 3, 3, 1,
  ]);
});

test('fleet limits: the lame duck time comes on top of the time to finish calls', () => {
  const config = configSchema.parse({ server: { lame_duck: '5s' }, workers: { kill_timeout: '8s' } });
  expect(fleetLimits(config, 4)).toMatchObject({ drainMs: 13_000, hangSurge: 2 });
});
