/** deploy/docker/compose.yaml as docker-compose reads it; it rejects unknown keys. No engine is asked. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../support/process.ts';
import { tempDir } from '../support/temp-dir.ts';

interface Service {
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly [key: string]: unknown;
}

/** What docker-compose makes of the file. @param file another than ours */
function read(dir: string, file = join(ROOT, 'deploy/docker/compose.yaml')): Record<string, Service> {
  execFileSync('touch', [join(dir, '.env')]);
  const words = ['-f', file, '--project-directory', dir, 'config'];
  const text = execFileSync('docker-compose', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return (parse(text) as { services: Record<string, Service> }).services;
}

test('compose: the file is valid, and a key that does not exist is refused by this check', async () => {
  await using dir = tempDir();
  expect(Object.keys(read(dir.path)).sort()).toEqual(['alertmanager', 'grafana', 'prometheus', 'snowflake-mcp']);
  const wrong = join(dir.path, 'wrong.yaml');
  execFileSync('sh', ['-c', `printf 'services: { a: { image: b, memroy: 1 } }' > ${wrong}`]);
  expect(() => read(dir.path, wrong)).toThrow(/memroy/);
});

test('compose: the server has the limits, the user and the name that installations know', async () => {
  await using dir = tempDir();
  const server = read(dir.path)['snowflake-mcp'];
  expect(server).toMatchObject({
    container_name: 'snowflake-mcp',
    user: '1000:1000',
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    deploy: {
      resources: { limits: { memory: '512M' }, reservations: { memory: '256M' } },
    },
  });
  // Versions of docker-compose print processors as a number or as text.
  const text = JSON.stringify(server?.deploy);
  expect([...text.matchAll(/"cpus":"?([\d.]+)/g)].map(([, cpus]) => Number(cpus))).toEqual([2, 0.5]);
});

test('compose: nothing is published beyond this machine, every log is bounded and every file that is mounted exists', async () => {
  await using dir = tempDir();
  for (const service of Object.values(read(dir.path))) {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service.logging).toMatchObject({ options: { 'max-size': '10m' } });
    const mounts = (service.volumes ?? [])
      .map((volume) => volume.split(':')[0] ?? '')
      .filter((from) => from.startsWith('/'));
    // The secrets of Alertmanager are the operator's own.
    for (const from of mounts.filter((path) => !path.endsWith('/secrets'))) {
      expect(existsSync(join(ROOT, from.slice(dir.path.length))), from).toBe(true);
    }
  }
});
