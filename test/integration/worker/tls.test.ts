/** TLS on the service port: renewal while it runs, a broken renewal, old protocol versions, WebSocket. */
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect, type SecureVersion } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCertificate } from '../../support/certificate.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeQueryService } from '../../support/fake-query-service.ts';
import { createTestCluster, type TestCluster } from '../../support/http-workers.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { openSocket } from '../../support/web-socket.ts';

let cluster: TestCluster;
beforeEach(() => {
  cluster = createTestCluster();
});
afterEach(() => cluster.close());

async function secureWorker(dir: string) {
  const pair = makeCertificate(dir, 'one');
  const worker = await cluster.start(fakeQueryService(), { server: { tls_cert: pair.cert, tls_key: pair.key } });
  return { ...worker, ...pair, port: Number(new URL(worker.url).port) };
}

/** Name in the certificate that a new connection gets. */
function subjectAt(port: number, maxVersion: SecureVersion = 'TLSv1.3'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
  });
}

function statusOf(port: number, ca: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ port, host: 'localhost', path: '/healthz', ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
}

test('tls: requests and WebSockets are served, TLS 1.1 and plain text are not', async () => {
  await using dir = tempDir();
  const { port, url, ca, counts } = await secureWorker(dir.path);
  expect(await statusOf(port, ca)).toBe(200);
  await expect(subjectAt(port, 'TLSv1.1')).rejects.toThrow();
  expect(await subjectAt(port, 'TLSv1.2')).toBe('one');
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  await eventually(() => (counts.get('mcp_connections_rejected_total tls') ?? 0) >= 1);
  await using socket = await openSocket(url.replace('http:', 'https:'), { ca });
  socket.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
  expect((await socket.answer(1)).result).toEqual({});
});

test('tls: new files are used for new connections; files that do not fit leave the old ones in use', async () => {
  await using dir = tempDir();
  const { port, cert, key, lines, service, counts } = await secureWorker(dir.path);
  const two = makeCertificate(dir.path, 'two');
  const replace = (from: string, to: string) => {
    copyFileSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  };
  replace(two.cert, cert);
  await eventually(() => lines.some((line) => line.event === 'tls.unusable'));
  expect(await subjectAt(port)).toBe('one');
  expect(counts.get('mcp_errors_total TLS_UNUSABLE,tls')).toBe(1);
  replace(two.key, key);
  await eventually(() => lines.some((line) => line.event === 'tls.renewed'));
  expect(await subjectAt(port)).toBe('two');
  writeFileSync(key, 'not a key');
  await eventually(() => lines.filter((line) => line.event === 'tls.unusable').length === 2);
  expect(await subjectAt(port)).toBe('two');
  expect(service.certificateExpirySeconds()).toBeGreaterThan(20 * 86_400);
  expect(service.certificateExpirySeconds()).toBeLessThan(31 * 86_400);
});

test('tls: a key that does not belong to the certificate is named at the start', async () => {
  await using dir = tempDir();
  const [one, two] = [makeCertificate(dir.path, 'one'), makeCertificate(dir.path, 'two')];
  const server = { tls_cert: one.cert, tls_key: two.key };
  await expect(cluster.start(fakeQueryService(), { server })).rejects.toMatchObject({ code: 'TLS_UNUSABLE' });
});
