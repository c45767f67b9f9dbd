/** A real cluster with TLS: start, health of the workers, reload and a renewed certificate. */
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificate } from '../../support/certificate.ts';
import { samples, startDaemon } from '../../support/daemon.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/temp-dir.ts';

function ask(url: string, ca: Buffer): Promise<{ status: number | undefined; name: string }> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ca, agent: false, servername: 'localhost' }, (response) => {
      const { subject } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume();
      response.once('end', () => resolve({ status: response.statusCode, name: String(subject.CN) }));
    }).once('error', reject);
  });
}

test('tls: a cluster serves HTTPS, reloads, and takes a renewed certificate in every worker without a restart', async () => {
  await using dir = tempDir();
  mkdirSync(join(dir.path, 'next'));
  const [one, two] = [makeCertificate(dir.path, 'one'), makeCertificate(join(dir.path, 'next'), 'two')];
  const file = join(dir.path, 'c.yaml');
  const settings = { cert: one.cert, key: one.key };
  writeFileSync(file, `server:\n  tls:\n    cert: ${settings.cert}\n    key: ${settings.key}\n`);
  await using daemon = await startDaemon({ args: ['--config', file] });
  expect(daemon.url).toMatch(/^https:/);
  expect(await ask(daemon.url, one.ca)).toEqual({ status: 200, name: 'one' });
  const expiry = [...samples(await daemon.metrics(), 'mcp_certificate_expiry_seconds').values()][0] ?? 0;
  expect(expiry / 86_400).toBeGreaterThan(29);
  expect(expiry / 86_400).toBeLessThan(30.1);
  expect((await daemon.cli('reload', '--wait')).code).toBe(0);
  expect((await ask(daemon.url, one.ca)).status).toBe(200);
  const pids = (await daemon.status()).workers.map(({ pid }) => pid);
  for (const [from, to] of [
    [two.cert, one.cert],
    [two.key, one.key],
  ] as const) {
    copyFileSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  }
  const both = Buffer.concat([one.ca, two.ca]);
  await eventually(async () => {
    const names = await Promise.all(Array.from({ length: 8 }, async () => (await ask(daemon.url, both)).name));
    return names.every((name) => name === 'two');
  });
  expect((await daemon.status()).workers.map(({ pid }) => pid)).toEqual(pids);
});

test('tls: a certificate that cannot be used fails the start and names the file', async () => {
  await using dir = tempDir();
  const pair = makeCertificate(dir.path, 'one');
  const file = join(dir.path, 'c.yaml');
  writeFileSync(file, `server:\n  tls_cert: ${pair.cert}\n  tls_key: ${join(dir.path, 'none.key')}\n`);
  await expect(startDaemon({ args: ['--config', file] })).rejects.toThrow(/none\.key.*cannot be used/s);
});
