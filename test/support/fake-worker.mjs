/**
 * A worker program for tests of the primary: speaks the same IPC, serves HTTP through the shared port, and behaves
 * badly on demand. The file named by FAKE_WORKER_PLAN (JSON, read at boot) says how it boots:
 *
 *   { "boot": "ok" | "throw" | "fail" | "port" | "never" | "die-soon" | "half", "slots": [0], "drain": "ok" | "ignore" }
 *
 * `half` opens the port and dies before it says ready; `dieMs` is how late die-soon is; `openAs: "throw"` lets it boot
 * well and fail when it is told to listen; `buckets` lets it push growing figures. `slots` limits the bad behaviour to
 * these slots. Over HTTP: / tells who answers, /exit?code=N ends it, /block?ms=N blocks its loop, /leak?mb=N takes
 * memory, /heap tells how large its heap may be, /flood sends messages nobody understands, /slow?ms=N answers later. What else it does: fault-deeds.mjs.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import { getHeapStatistics } from 'node:v8';
import { obeyOrders } from './fault-deeds.mjs';

process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

const send = (message) => process.connected && process.send(message, () => {});
const leaked = [];
let seq = 0;
let fleet;

process.on('message', (boot) => {
  if (boot?.type !== 'boot') return;
  const plan = { boot: 'ok', drain: 'ok', ...JSON.parse(readFileSync(process.env.FAKE_WORKER_PLAN, 'utf8')) };
  const isBad = plan.slots === undefined || plan.slots.includes(boot.slot);
  const how = isBad ? plan.boot : 'ok';
  if (how === 'throw') throw new Error('this version is broken');
  if (how === 'never') return setInterval(() => {}, 1000);
  if (how === 'fail' || how === 'port') {
    const body =
      how === 'fail'
        ? { code: 'CREDENTIALS_MISSING', message: 'no key', next: 'Set one.', retry: false }
        : { code: 'PORT_IN_USE', message: 'taken', next: 'Choose another.', retry: false };
    process.send({ type: 'failed', body }, () => process.exit(how === 'fail' ? 78 : 71));
    return;
  }
  if (how === 'half') return createServer().listen(boot.config.server.port, '127.0.0.1', () => process.exit(1));
  obeyOrders(send, plan);
  serve(boot, isBad && plan.drain === 'ignore', isBad ? plan.openAs : 'ok');
  if (how === 'die-soon') setTimeout(() => process.exit(1), plan.dieMs ?? 300);
});

send({ type: 'hello' });

function serve(boot, ignoresDrain, openAs) {
  let isDraining = false;
  let { slot } = boot;
  let requests = 0;
  const server = createServer((request, response) => {
    if (isDraining) response.setHeader('Connection', 'close');
    const url = new URL(request.url, 'http://localhost');
    requests += 1;
    const who = { slot, incarnation: boot.incarnation, generation: boot.generation, pid: process.pid };
    const answer = () => response.end(JSON.stringify({ ...who, env: process.env.INSTANCE_ID, fleet, boot: undefined }));
    const number = (name) => Number(url.searchParams.get(name));
    if (url.pathname === '/exit') process.exit(number('code'));
    if (url.pathname === '/slow') return setTimeout(answer, number('ms'));
    if (url.pathname === '/env') return response.end(JSON.stringify(Object.keys(process.env)));
    if (url.pathname === '/heap') return response.end(String(getHeapStatistics().heap_size_limit));
    if (url.pathname === '/block') {
      answer();
      return setImmediate(() => {
        const end = Date.now() + number('ms');
        while (Date.now() < end);
      });
    }
    if (url.pathname === '/leak') leaked.push(Buffer.alloc(number('mb') * 1024 * 1024, 1));
    if (url.pathname === '/flood') {
      answer();
      return setInterval(() => {
        for (let index = 0; index < 500; index += 1) send({ type: 'noise', index });
      }, 50);
    }
    answer();
  });
  // A client of Node does not keep a connection that the server would keep for a second only.
  server.keepAliveTimeout = 2000;
  const open = (then) => server.listen(boot.config.server.port, '127.0.0.1', then);
  const ready = () => {
    send({ type: 'ready', port: boot.config.server.port, socket: `/tmp/fake-${process.pid}.sock` });
    setInterval(() => send(beat(requests)), 200);
  };
  if (boot.listen === 'own') ready();
  else open(ready);
  process.on('message', (message) => {
    if (message.type === 'listen' && openAs === 'throw') throw new Error('cannot open');
    if (message.type === 'listen') {
      slot = message.slot;
      open(() => send({ type: 'listening' }));
    }
    if (message.type === 'unlisten') net.Server.prototype.close.call(server);
    if (message.type === 'fleet') fleet = message;
    if (message.type === 'flushed') process.disconnect();
    if (message.type !== 'drain' || ignoresDrain || isDraining) return;
    isDraining = true;
    // Stops accepting but leaves connections alone; they close after their next answer or their idle time.
    const end = () => {
      const name = 'mcp_requests_total';
      send({ type: 'metrics', series: [{ name, labels: ['tools/call', 'fake', '200'], value: 7 }] });
      send({ type: 'drained' });
    };
    if (server.listening) net.Server.prototype.close.call(server, end);
    else end();
  });
}

function beat(requests) {
  const { rss, heapUsed } = process.memoryUsage();
  const pool = { active: 0, idle: 0, total: 0, max: 1, waiting: 0, peak: 0, oldestWaitMs: 0 };
  const counts = { inflight: 0, connections: 0, sessions: 0, requests };
  seq += 1;
  return {
    type: 'beat',
    seq,
    lagMs: 0,
    elu: 0,
    rssBytes: rss,
    heapBytes: heapUsed,
    ...counts,
    snowflake: 'unknown',
    pool,
  };
}
