/**
 * The program that both supervisors run: a small HTTP server that tells who answers.
 *
 * Started by the daemon's primary it speaks its messages, started by PM2 it does what PM2's manual recommends: it says
 * `ready`, and on SIGINT takes no more connections and asks those that are open to go. The file named by BENCH_PLAN
 * (JSON, read at boot) says how it boots: `boot` is `ok`, `exit` or `never`; `handler: false` leaves SIGINT alone;
 * `series` is how many metric series it tells its primary. Over HTTP: /slow?ms=N answers later, /leak?rate=N&max=N
 * takes N MB a second.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';

const SLICES_PER_SECOND = 20;
const BEAT_MS = 1000;
const plan = { boot: 'ok', handler: true, series: 0, ...JSON.parse(readFileSync(process.env.BENCH_PLAN, 'utf8')) };
const send = (message) => process.connected && process.send(message, () => {});
const kept = [];
let isLeaving = false;
let requests = 0;

const server = createServer((request, response) => {
  if (isLeaving) response.setHeader('Connection', 'close');
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const number = (name) => Number(searchParams.get(name));
  const answer = () => response.end(JSON.stringify({ pid: process.pid }));
  requests += 1;
  if (pathname === '/leak') leak(number('rate'), number('max'));
  if (pathname === '/slow') setTimeout(answer, number('ms'));
  else answer();
});

function leak(megabytesPerSecond, max) {
  const slice = Math.round(megabytesPerSecond / SLICES_PER_SECOND);
  const timer = setInterval(() => {
    kept.push(Buffer.alloc(slice * 1024 * 1024, 1));
    if (kept.length * slice >= max) clearInterval(timer);
  }, 1000 / SLICES_PER_SECOND);
}

function underPm2() {
  if (plan.handler) {
    process.on('SIGINT', () => {
      isLeaving = true;
      server.close(() => process.exit(0));
    });
  }
  server.listen(Number(process.env.BENCH_PORT), '127.0.0.1', () => send('ready'));
}

function underPrimary() {
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    const open = (then) => server.listen(Number(process.env.BENCH_PORT), '127.0.0.1', then);
    if (message.type === 'boot' && message.listen === 'own') ready();
    else if (message.type === 'boot') open(ready);
    else if (message.type === 'listen') open(() => send({ type: 'listening' }));
    else if (message.type === 'drain') leave();
    else if (message.type === 'flushed') process.disconnect();
  });
  send({ type: 'hello' });
}

function ready() {
  send({ type: 'ready', port: Number(process.env.BENCH_PORT), socket: `/tmp/bench-${process.pid}.sock` });
  setInterval(() => send(beat()), BEAT_MS);
  if (plan.series > 0) setInterval(tellSeries, BEAT_MS);
}

/** Stops accepting and leaves open connections to their next answer. */
function leave() {
  const end = () => send({ type: 'drained' });
  isLeaving = true;
  if (server.listening) net.Server.prototype.close.call(server, end);
  else end();
}

let seq = 0;
function beat() {
  const { rss, heapUsed } = process.memoryUsage();
  const pool = { active: 0, idle: 0, total: 0, max: 1, waiting: 0, peak: 0, oldestWaitMs: 0 };
  const figures = { lagMs: 0, elu: 0, inflight: 0, connections: 0, sessions: 0, requests };
  seq += 1;
  return { type: 'beat', seq, rssBytes: rss, heapBytes: heapUsed, ...figures, snowflake: 'unknown', pool };
}

function tellSeries() {
  const name = 'mcp_requests_total';
  const series = Array.from({ length: plan.series }, (_, index) => ({
    name,
    labels: ['tools/call', `tool_${index}`, '200'],
    value: seq + 1,
  }));
  send({ type: 'metrics', series });
}

if (plan.boot === 'exit') process.exit(1);
else if (plan.boot === 'never') setInterval(() => {}, 1000);
else if (process.env.pm_id === undefined) underPrimary();
else underPm2();
