import { expect, test } from 'vitest';
import { type Askable, createHealthChecks } from '../../../src/primary/health-checks.ts';
import { configSchema } from '../../../src/shared/config/schema.ts';
import { checkTarget } from '../../../src/shared/health-target.ts';

const { workers } = configSchema.parse({ workers: { health_check_url: ['/health', 'ws://h:8001/ws'] } });
const process = (id: number, more: Partial<Askable['process']> = {}): Askable['process'] => ({
  id,
  slot: id,
  phase: { kind: 'ready', lastBeat: 0, overSoft: 0 },
  checks: { readyAt: 0, hasPassed: false, failures: 0, reason: '' },
  ...more,
});
const proven = { readyAt: 0, hasPassed: true, failures: 0, reason: '' };

function setUp() {
  let now = 0;
  const asked: string[] = [];
  const answers: ((fault?: string) => void)[] = [];
  const told: [number, string | undefined][] = [];
  const counted: string[] = [];
  const checks = createHealthChecks({
    probe: (socket, target) => {
      asked.push(`${socket} ${target.path} ${target.wants}`);
      return new Promise((resolve) => answers.push(resolve));
    },
    clock: { now: () => now, wall: () => new Date(0) },
    metrics: {
      count: (name, labels) => void counted.push(`${name} ${Object.values(labels ?? {}).join(' ')}`),
      set: () => {},
      observe: () => {},
    },
    tell: (incarnation, fault) => void told.push([incarnation, fault]),
  });
  const settle = async (fault?: string) => {
    for (const answer of answers.splice(0)) answer(fault);
    await new Promise((done) => setImmediate(done));
  };
  return { checks, asked, told, counted, settle, pass: (ms: number) => (now += ms) };
}

test('checks: a ready worker is asked for every address on its own socket, others are not', async () => {
  const { checks, asked, told, counted, settle } = setUp();
  const booting = process(2, { phase: { kind: 'booting', deadline: 9 } });
  checks.look([
    { process: process(1), socket: '/run/w1.sock', workers },
    { process: booting, socket: '/run/w2.sock', workers },
    { process: process(3), socket: '', workers },
  ]);
  expect(asked).toEqual(['/run/w1.sock /health success', '/run/w1.sock /mcp answers']);
  await settle();
  expect(told).toEqual([[1, undefined]]);
  expect(counted).toEqual(['supervisor_health_checks_total 1 passed']);
});

test('checks: one runs at a time; a worker without proof is asked each second, a proven one each interval', async () => {
  const { checks, asked, settle, pass } = setUp();
  const look = (checked: Askable['process']) => checks.look([{ process: checked, socket: 's', workers }]);
  look(process(1));
  pass(5000);
  look(process(1));
  expect(asked).toHaveLength(2);
  await settle('down');
  look(process(1));
  expect(asked).toHaveLength(4);
  await settle();
  pass(5000);
  look(process(1, { checks: proven }));
  expect(asked).toHaveLength(4);
  pass(5000);
  look(process(1, { checks: proven }));
  expect(asked).toHaveLength(6);
});

test('checks: a failed address fails the check, and a configuration without addresses passes it', async () => {
  const { checks, told, counted, settle, pass } = setUp();
  checks.look([{ process: process(1), socket: 's', workers }]);
  await settle('/health answers 503');
  expect(told).toEqual([[1, '/health answers 503']]);
  expect(counted).toEqual(['supervisor_health_checks_total 1 failed']);
  pass(1000);
  checks.look([{ process: process(1), socket: 's', workers: { ...workers, health_check_url: [] } }]);
  await settle();
  expect(told[1]).toEqual([1, undefined]);
});

test.each([
  ['/health?full=1', { path: '/health?full=1', wants: 'success' }],
  ['http://localhost:8000/health', { path: '/health', wants: 'success' }],
  ['https://mcp.example.com', { path: '/', wants: 'success' }],
  ['ws://localhost:8001/ws', { path: '/mcp', wants: 'answers' }],
  ['wss://localhost/mcp', { path: '/mcp', wants: 'answers' }],
  ['localhost:8000/health', undefined],
  ['health', undefined],
  ['/a b', undefined],
  ['ftp://x/health', undefined],
])('health target: %s asks %j', (text, target) => {
  expect(checkTarget(text)).toEqual(target);
});
