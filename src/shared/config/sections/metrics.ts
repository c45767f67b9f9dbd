/** The section `metrics`: the primary's own port and the bound on series. */
import { z } from 'zod';
import { optionalText, text, whole } from '../fields.ts';

export const metrics = z.strictObject({
  host: text({
    standard: 'localhost',
    env: ['METRICS_HOST'],
    applies: 'restart',
    says: "Address of the primary's port for Prometheus.",
  }),
  port: whole({
    min: 0,
    max: 65_535,
    standard: 8001,
    env: ['METRICS_PORT'],
    applies: 'restart',
    says: 'Port of the primary: /metrics, /status, /livez, /readyz; 0 takes a free one.',
  }),
  token: optionalText({
    env: ['METRICS_TOKEN'],
    secret: true,
    applies: 'rolling',
    says: 'What a scraper may send as `Authorization: Bearer` to read /metrics of the service port. The pages of metrics.port ask for it when metrics.host is reachable from other machines.',
  }),
  max_series: whole({
    min: 50,
    max: 100_000,
    standard: 2000,
    applies: 'restart',
    says: 'Series one metric may have; further label values are counted under `other`.',
  }),
  max_connections: whole({
    min: 10,
    max: 10_000,
    standard: 1200,
    applies: 'restart',
    says: 'Open connections to metrics.port; calls over further ones, the probes apart, get 503, and beyond twice as many they are closed.',
  }),
  page_listeners: whole({
    min: 0,
    max: 100,
    standard: 50,
    applies: 'restart',
    says: 'People who may watch the status page live at once; further ones see it load anew every few seconds.',
  }),
});
