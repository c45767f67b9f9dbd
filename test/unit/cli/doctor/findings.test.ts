import { expect, test } from 'vitest';
import { exitOf } from '../../../../src/cli/commands/doctor.ts';
import { poolFinding } from '../../../../src/cli/doctor/daemon-checks.ts';
import { countsOf, error, type Finding, ok, warning } from '../../../../src/cli/doctor/finding.ts';
import * as machine from '../../../../src/cli/doctor/machine.ts';
import { networkFindings, networkTarget } from '../../../../src/cli/doctor/network.ts';
import type { DetailedHealth } from '../../../../src/cli/health-verdict.ts';

const MB = 1024 * 1024;
const needs = { workers: 4, maxConnections: 2000, poolMax: 8, memoryLimitBytes: 500 * MB };
const DAY = 86_400_000;

test.each<[string, Finding, string]>([
  ['enough files', machine.filesFinding(65_536, needs), 'ok'],
  ['no limit of files', machine.filesFinding(undefined, needs), 'ok'],
  ['files for some connections', machine.filesFinding(1024, needs), 'warning'],
  ['too few files', machine.filesFinding(100, needs), 'error'],
  ['too few processes', machine.processesFinding(50, needs), 'error'],
  ['memory for all', machine.memoryFinding(4096 * MB, 8192 * MB, needs, false), 'ok'],
  ['limits beyond the memory', machine.memoryFinding(1024 * MB, 1500 * MB, needs, false), 'warning'],
  ['no memory for a start', machine.memoryFinding(200 * MB, 8192 * MB, needs, false), 'error'],
  ['little memory beside a running daemon', machine.memoryFinding(200 * MB, 8192 * MB, needs, true), 'ok'],
  ['a disk with room', machine.diskFinding('/x', 5000 * MB, 0.5, 0.5), 'ok'],
  ['a disk that fills', machine.diskFinding('/x', 5000 * MB, 0.05, 0.5), 'warning'],
  ['a full disk', machine.diskFinding('/x', 10 * MB, 0.5, 0.5), 'error'],
  ['a disk without inodes', machine.diskFinding('/x', 5000 * MB, 0.5, 0), 'error'],
  ['an old Node.js', machine.nodeFinding('20.18.3'), 'error'],
  ['a new Node.js', machine.nodeFinding('24.1.0'), 'ok'],
  ['a clock that agrees', machine.clockFinding(-3000), 'ok'],
  ['a clock that is off', machine.clockFinding(20_000), 'warning'],
  ['a clock that breaks logins', machine.clockFinding(-120_000), 'error'],
  ['what is good for long', machine.expiryFinding('keys', 'k', 100 * DAY, 0, 'n'), 'ok'],
  ['what expires soon', machine.expiryFinding('keys', 'k', 5 * DAY, 0, 'n'), 'warning'],
  ['what has expired', machine.expiryFinding('keys', 'k', 0, DAY, 'n'), 'error'],
  ['a secret of its owner', machine.permissionFinding('/x', 0o100600), 'ok'],
  ['a secret that its group reads', machine.permissionFinding('/x', 0o100640), 'ok'],
  ['a secret that its group may change', machine.permissionFinding('/x', 0o100660), 'warning'],
  ['a secret for everybody', machine.permissionFinding('/x', 0o100644), 'error'],
])('doctor: %s', (_, finding, level) => {
  expect(finding.level).toBe(level);
  expect(finding.next === undefined).toBe(level === 'ok');
});

test.each([
  [
    'an account',
    { account: 'my_Org-acct' },
    {},
    { host: 'my-org-acct.snowflakecomputing.com', port: 443, isTls: true },
  ],
  ['China', { account: 'x.cn-north-1' }, {}, { host: 'x.cn-north-1.snowflakecomputing.cn', port: 443, isTls: true }],
  ['an address', { account: 'a', access_url: 'http://h:81' }, {}, { host: 'h', port: 81, isTls: false }],
  [
    'a proxy',
    { account: 'a' },
    { HTTPS_PROXY: 'p:3128' },
    { host: 'a.snowflakecomputing.com', port: 443, isTls: true, proxy: 'http://p:3128' },
  ],
  [
    'a proxy that is not for it',
    { account: 'a' },
    { HTTPS_PROXY: 'http://p:3128', NO_PROXY: 'localhost,.snowflakecomputing.com' },
    { host: 'a.snowflakecomputing.com', port: 443, isTls: true },
  ],
])('network: where Snowflake is for %s', (_, snowflake, env, target) => {
  expect(networkTarget(snowflake, env)).toEqual(target);
});

const target = { host: 'h', port: 443, isTls: true };

test('network: without an account there is nowhere to look', () => {
  expect(networkTarget({}, {})).toBeUndefined();
});

test.each(['dns', 'proxy', 'tcp', 'tls', 'http'] as const)(
  'network: a failure at %s says so and what to do',
  (step) => {
    const [finding] = networkFindings(target, { addresses: [], ms: 1, failed: { step, reason: 'because' } });
    expect(finding).toMatchObject({ level: 'error', isSnowflake: true, text: expect.stringContaining('because') });
    expect(finding?.next).toContain('runbooks/snowflake-outage.md');
  },
);

test('network: an answer tells of the clock too', () => {
  const found = networkFindings(target, { addresses: ['1.2.3.4'], ms: 9, skewMs: 600_000 });
  expect(found.map(({ check, level }) => [check, level])).toEqual([
    ['network', 'ok'],
    ['clock', 'error'],
  ]);
});

test('pool: calls that wait and a failed last use are told', () => {
  const health = (waiting: number, snowflake: string) =>
    ({ connection_pool: { active: 1, max: 2, waiting }, snowflake_connection: snowflake }) as DetailedHealth;
  expect(poolFinding(health(0, 'healthy')).level).toBe('ok');
  expect(poolFinding(health(3, 'healthy')).level).toBe('warning');
  expect(poolFinding(health(0, 'unhealthy')).level).toBe('warning');
});

test('doctor: the exit code is that of the worst; what was fixed counts as well', () => {
  const away: Finding = { ...error('network', 't', 'n'), isSnowflake: true };
  expect(exitOf([ok('a', 't'), warning('b', 't', 'n')], false)).toBe(0);
  expect(exitOf([error('a', 't', 'n')], false)).toBe(1);
  expect(exitOf([error('a', 't', 'n'), away], false)).toBe(69);
  expect(exitOf([away], true)).toBe(78);
  expect(countsOf([{ ...warning('a', 't', 'n'), fixed: 'done' }, error('b', 't', 'n')])).toEqual({
    ok: 1,
    warning: 0,
    error: 1,
  });
});
