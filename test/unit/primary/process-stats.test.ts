import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProcessStats } from '../../../src/primary/process-stats.ts';

test('process stats: memory without shared pages, processor time and evidence come from /proc', () => {
  const root = mkdtempSync(join(tmpdir(), 'proc-'));
  try {
    const files: [string, string, string][] = [
      ['self', 'statm', '1000 500 100 1 0 200 0\n'],
      ['self', 'status', 'Name:\tnode\nVmSize:\t   16000 kB\n'],
      ['7', 'statm', '9000 300 100 1 0 200 0\n'],
      ['7', 'stat', `7 (a ) b) T 1 7 7 0 -1 4194560 10 0 0 0 25 15 0 0 20 0 11 0 99 1 1\n`],
      ['7', 'status', 'Name:\tnode\nState:\tT (stopped)\nThreads:\t11\nUid:\t0\n'],
    ];
    for (const [pid, name, text] of files) {
      mkdirSync(join(root, pid), { recursive: true });
      writeFileSync(join(root, pid, name), text);
    }
    const stats = createProcessStats(root);
    expect(stats.memory(7)).toEqual({ rssBytes: 300 * 16_384, ownBytes: 200 * 16_384 });
    expect(stats.cpuMs(7)).toBe(400);
    expect(stats.evidence(7)).toEqual({ State: 'T (stopped)', Threads: '11' });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('process stats: a process that is gone, or a system without /proc, has no figures', () => {
  const stats = createProcessStats('/nowhere');
  expect([stats.memory(7), stats.cpuMs(7), stats.evidence(7)]).toEqual([undefined, undefined, {}]);
});
