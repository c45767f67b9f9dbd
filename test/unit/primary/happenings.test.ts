import { expect, test } from 'vitest';
import { createHappenings, shortened } from '../../../src/primary/happenings.ts';
import { logLines } from '../../support/log-lines.ts';

function listening() {
  const happenings = createHappenings(() => 1000);
  const { log, lines } = logLines();
  return { happenings, log: happenings.hearing(log), lines };
}

test('happenings: lines go to the log and are kept, the newest first', () => {
  const { happenings, log, lines } = listening();
  log.info('worker.ready', 'worker 0 is ready', { secret_fact: 'x' });
  log.child({ a: 1 }).error('reload.aborted', 'reload aborted');
  log.debug('anything', 'not of interest');
  expect(lines.length).toBe(3);
  expect(happenings.list()).toEqual([
    { atMs: 1000, level: 'error', event: 'reload.aborted', text: 'reload aborted' },
    { atMs: 1000, level: 'info', event: 'worker.ready', text: 'worker 0 is ready' },
  ]);
});

test('happenings: their number and length are bounded', () => {
  const { happenings, log } = listening();
  for (let at = 0; at < 1000; at += 1) log.warn('x.y', `${at} ${'long '.repeat(500)}`);
  const list = happenings.list();
  expect(list.length).toBe(40);
  expect(list[0]?.text).toMatch(/^999 /);
  expect(Math.max(...list.map(({ text }) => text.length))).toBeLessThanOrEqual(160);
});

test('happenings: secrets are taken out', () => {
  const { happenings, log } = listening();
  log.warn('x.y', 'login with password=hunter22 failed');
  expect(JSON.stringify(happenings.list())).not.toContain('hunter22');
});

test.each([
  ['worker 0 ended: killed (SIGKILL)', 'worker 0 ended: killed (SIGKILL)'],
  ['ended: killed (SIGKILL, perhaps out of memory)', 'ended: killed (SIGKILL, perhaps out of memory)'],
  ['worker 0 ended: crash (code 1)', 'worker 0 ended: crash (code 1)'],
  [`worker 0 ended: crash (Error: SELECT 'name' (FROM) T)`, 'worker 0 ended: crash'],
  ['reload aborted: crash (code 1\nTypeError)', 'reload aborted: crash'],
])('happenings: what a dying worker said belongs to the log: %s', (text, short) => {
  expect(shortened(text)).toBe(short);
});
