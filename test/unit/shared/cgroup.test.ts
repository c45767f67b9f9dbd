import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openCgroup, usableProcessors } from '../../../src/shared/cgroup.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function machine(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return openCgroup(root);
}

const MB = 1024 ** 2;

test('cgroup: v2 limits of the group and of every group above count, the tightest decides', () => {
  const group = machine({
    'proc/self/cgroup': '0::/system.slice/mcp.service',
    'sys/fs/cgroup/system.slice/cpu.max': '150000 100000',
    'sys/fs/cgroup/system.slice/mcp.service/cpu.max': 'max 100000',
    'sys/fs/cgroup/system.slice/memory.max': String(900 * MB),
    'sys/fs/cgroup/system.slice/memory.current': String(800 * MB),
    'sys/fs/cgroup/system.slice/memory.stat': `anon 1\ninactive_file ${300 * MB}\nactive_file 5`,
    'sys/fs/cgroup/system.slice/mcp.service/memory.max': 'max',
  });
  expect(group.cpus()).toBe(1.5);
  expect(group.memoryMaxBytes()).toBe(900 * MB);
  expect(group.headroomBytes()).toBe(400 * MB);
  expect(usableProcessors(group)).toBe(1);
});

test('cgroup: v1 quota and limit are read from their own controllers', () => {
  const group = machine({
    'proc/self/cgroup': '5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n1:name=systemd:/x',
    'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000',
    'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': String(512 * MB),
    'sys/fs/cgroup/memory/memory.usage_in_bytes': String(200 * MB),
    'sys/fs/cgroup/memory/memory.stat': `total_inactive_file ${50 * MB}`,
  });
  expect(group.cpus()).toBe(0.5);
  expect(group.headroomBytes()).toBe(362 * MB);
  expect(usableProcessors(group)).toBe(1);
});

test.each([
  ['no group at all', {}],
  [
    'a v1 group without limits',
    { 'proc/self/cgroup': '4:memory:/', 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712' },
  ],
  ['nonsense', { 'proc/self/cgroup': '0::/', 'sys/fs/cgroup/memory.max': 'abc', 'sys/fs/cgroup/cpu.max': '' }],
])('cgroup: %s limits nothing', (_, files) => {
  const group = machine(files as Record<string, string>);
  expect([group.cpus(), group.memoryMaxBytes(), group.headroomBytes()]).toEqual([undefined, undefined, Infinity]);
  expect(usableProcessors(group)).toBe(availableParallelism());
});
