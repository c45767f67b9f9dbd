/**
 * The one schema of the configuration: every key, with unit, range, default, consequence, environment names and when a
 * change applies. docs/config.md, docs/config.schema.json and the fault messages are made from it.
 */
import { z } from 'zod';
import { admin } from './sections/admin.ts';
import { auth } from './sections/auth.ts';
import { limits } from './sections/limits.ts';
import { logging } from './sections/logging.ts';
import { metrics } from './sections/metrics.ts';
import { policy } from './sections/policy.ts';
import { pool } from './sections/pool.ts';
import { server } from './sections/server.ts';
import { snowflake } from './sections/snowflake.ts';
import { state } from './sections/state.ts';
import { workers } from './sections/workers.ts';

export const configSchema = z.strictObject({
  server: server.prefault({}),
  workers: workers.prefault({}),
  snowflake: snowflake.prefault({}),
  pool: pool.prefault({}),
  limits: limits.prefault({}),
  policy: policy.prefault({}),
  auth: auth.prefault({}),
  admin: admin.prefault({}),
  metrics: metrics.prefault({}),
  logging: logging.prefault({}),
  state: state.prefault({}),
});

/** The configuration after loading: every key present (or undefined where it may be left out), frozen. */
export type Config = z.output<typeof configSchema>;
export type ConfigSection = keyof Config;
