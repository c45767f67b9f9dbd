/**
 * What a fake worker does wrong on order. Orders come over a unix socket of its own beside the plan file, so that a test
 * reaches one worker and no other; the order is answered before it is carried out.
 */
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';

const kept = [];
const MB = 1024 * 1024;
const zero = { inflight: 0, connections: 0, sessions: 0, requests: 0 };
const beat = { type: 'beat', seq: 0, lagMs: 0, elu: 0, rssBytes: 0, heapBytes: 0, ...zero, snowflake: 'unknown' };
const labels = ['tools/call', 'fake', '200'];

/** Messages that no honest worker sends. */
const GARBAGE = [
  null,
  1,
  'text',
  [],
  {},
  { type: 'nobody knows' },
  JSON.parse('{"type":"beat","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  JSON.parse('{"__proto__":{"polluted":true}}'),
  { type: 'metrics', series: [{ name: '__proto__', labels: ['polluted'], value: 1 }] },
  { type: 'metrics', series: [{ name: 'constructor', labels: [], value: 1 }] },
  { type: 'ready', port: -1, socket: 'x' },
  { type: 'failed', body: 'no' },
  { ...beat, elu: 7 },
];

const DEEDS = {
  block: ({ ms }) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
  leak: ({ mb }) => kept.push(Buffer.alloc(mb * MB, 1)),
  /** Takes memory at a pace until it is stopped. */
  pour: ({ mbPerSecond }) => setInterval(() => kept.push(Buffer.alloc((mbPerSecond / 20) * MB, 1)), 50),
  /** To be used with a small heap. */
  'fill-heap': () => {
    for (;;) kept.push(new Array(1_000_000).fill(0.5));
  },
  garbage: (_, send) => {
    for (const message of GARBAGE) send(message);
  },
  flood: ({ perSecond }, send) =>
    setInterval(() => {
      for (let at = 0; at < perSecond / 100; at += 1) send({ type: 'noise', at });
    }, 10),
  huge: ({ mb, shape }, send) => {
    if (shape === 'text') return send({ type: 'noise', text: 'x'.repeat(mb * MB) });
    if (shape === 'words') return send({ type: 'failed', body: 'x'.repeat(mb * MB) });
    const small = { a: 1, b: 22, c: 333, d: 4444 };
    if (shape === 'objects') return send(Array.from({ length: (mb * MB) / 32 }, () => small));
    const series = { name: 'mcp_requests_total', labels, value: 1 };
    return send({ type: 'metrics', series: Array.from({ length: (mb * MB) / 75 }, () => series) });
  },
  /** Series with labels of their own, in messages of 500. */
  series: ({ count }, send) => {
    for (let from = 0; from < count; from += 500) {
      const series = Array.from({ length: 500 }, (_, at) => ({
        name: 'mcp_requests_total',
        labels: ['tools/call', `tool-${from + at}`, '200'],
        value: 1,
      }));
      send({ type: 'metrics', series });
    }
  },
  /** Series that another version of the program might send. */
  mismatch: (_, send) => {
    const histogram = { name: 'mcp_request_duration_seconds', labels: labels.slice(0, 2), sum: 1, count: 1 };
    const series = [
      { name: 'mcp_requests_total', labels: ['one label'], value: 1 },
      { name: 'mcp_requests_total', labels, buckets: [1], sum: 1, count: 1 },
      { name: 'mcp_request_duration_seconds', labels: labels.slice(0, 2), value: 1 },
      { ...histogram, buckets: [1, 1] },
      { ...histogram, buckets: [3, 2, 1] },
      { name: 'a_metric_of_tomorrow', labels: [], value: 1 },
    ];
    send({ type: 'metrics', series });
  },
};

/** Counts calls and their seconds for ever, as a worker under load does. */
function countUp(bucketCount, send) {
  let calls = 0;
  return setInterval(() => {
    calls += 3;
    const buckets = Array.from({ length: bucketCount }, () => calls - 1);
    const series = [
      { name: 'mcp_requests_total', labels, value: calls },
      { name: 'mcp_request_duration_seconds', labels: labels.slice(0, 2), buckets, sum: calls, count: calls },
    ];
    send({ type: 'metrics', series });
  }, 20);
}

export function obeyOrders(send, plan) {
  if (plan.buckets !== undefined) countUp(plan.buckets, send).unref();
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const order = Object.fromEntries(
      [...url.searchParams].map(([name, value]) => [name, Number.isNaN(Number(value)) ? value : Number(value)]),
    );
    response.setHeader('connection', 'close');
    response.end('', () => setImmediate(() => DEEDS[url.pathname.slice(1)](order, send)));
  });
  server.listen({ path: join(dirname(process.env.FAKE_WORKER_PLAN), `w${process.pid}.sock`), exclusive: true });
  server.unref();
}
