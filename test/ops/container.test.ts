/** The service in a real container, made from our Dockerfile: the primary is process 1, as user 1000, on a read-only root. */
import { createServer } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { connectClient, textOf } from '../support/mcp-client.ts';
import { buildImage, type Container, type Image, startContainer } from './image.ts';

const KEY = 'a-key-of-this-test-0123456789abcdef';

let image: Image;

beforeAll(async () => {
  image = await buildImage();
}, 600_000);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function demo(): Promise<{ container: Container; url: string }> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const env = { API_KEYS: KEY, SERVER_PORT: String(port), METRICS_PORT: String(metricsPort), SERVER_WORKERS: '2' };
  const container = await startContainer(image, env, 'start', '--no-daemon', '--demo');
  onTestFinished(() => container[Symbol.asyncDispose]());
  const url = `http://127.0.0.1:${port}`;
  // Not only the first worker.
  const isReady = async () => (await container.logs()).includes('"event":"daemon.ready"');
  await eventually(isReady, { deadlineMs: 60_000, everyMs: 500, what: 'ready' });
  return { container, url };
}

/** Process names and states inside. */
async function processes(container: Container): Promise<{ pid: number; state: string; title: string }[]> {
  const { stdout } = await container.exec('sh', '-c', 'for d in /proc/[0-9]*; do cat $d/stat 2>/dev/null; done');
  return [...stdout.matchAll(/^(\d+) \((.*?)\) (\w)/gm)].map(([, pid, title, state]) => ({
    pid: Number(pid),
    state: String(state),
    title: String(title),
  }));
}

test('container: the primary is process 1 as user 1000, without capabilities, on a root it cannot write', async () => {
  const { container, url } = await demo();
  const client = await connectClient(url, { headers: { Authorization: `Bearer ${KEY}` } });
  onTestFinished(() => client.close());
  expect(textOf(await client.call('execute_query', { query: 'SELECT 41 + 1 AS N' }))).toContain('42');
  const status = await container.exec('cat', '/proc/1/status');
  expect(status.stdout).toMatch(/^Name:\s+snowflake-mcp-d/m);
  expect(status.stdout).toMatch(/^Uid:\s+1000\s+1000/m);
  expect(status.stdout).toMatch(/^CapEff:\s+0+$/m);
  expect(status.stdout).toMatch(/^NoNewPrivs:\s+1$/m);
  expect((await container.exec('touch', '/opt/snowflake-mcp-server/x')).stderr).toContain('Read-only file system');
  expect((await container.exec('snowflake-mcp-daemon', 'status')).stdout).toContain('Daemon is running (PID: 1)');
  expect(await container.healthcheck()).toBe(0);
  const said = await container.logs();
  expect(said).toContain('"event":"worker.ready"');
  // The limit holds for its own control group, and it knows it.
  expect(said).toContain('the 512M of this control group');
}, 120_000);

test('container: a killed worker comes back, and no zombie stays', async () => {
  const { container, url } = await demo();
  const workers = async () => (await processes(container)).filter(({ title }) => title.startsWith('snowflake-mcp-w'));
  const [first] = await workers();
  await container.exec('kill', '-9', String(first?.pid));
  for (let round = 0; round < 3; round++) await container.healthcheck();
  await eventually(
    async () => {
      const now = await workers();
      return now.length === 2 && now.every(({ pid }) => pid !== first?.pid);
    },
    { deadlineMs: 30_000, what: 'a new worker' },
  );
  await eventually(async () => (await fetch(`${url}/readyz`)).status === 200, { deadlineMs: 20_000, what: 'ready' });
  expect((await processes(container)).filter(({ state }) => state === 'Z')).toEqual([]);
}, 120_000);

test('container: a stop lets the call in flight end, and process 1 ends with 0 before the grace is over', async () => {
  const { container, url } = await demo();
  const client = await connectClient(url, { headers: { Authorization: `Bearer ${KEY}` } });
  // Its server is gone at the end.
  onTestFinished(() => client.close().catch(() => {}));
  const many = 'TABLE(GENERATOR(ROWCOUNT => 30000))';
  const running = client.call('execute_query', { query: `SELECT COUNT(*) AS N FROM ${many} a, ${many} b` });
  const ended = container.stop(30);
  expect(textOf(await running)).toContain('900000000');
  expect(await ended, await container.logs()).toBe(0);
}, 120_000);
