import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/primary/notify-socket.ts';
import { createSdNotify } from '../../../src/primary/sd-notify.ts';
import type { Log } from '../../../src/shared/log.ts';

/** A manager that answers each datagram with what the test says, and a clock the test turns. */
function manager(env: Record<string, string> = {}) {
  const sent: string[] = [];
  const warnings: string[] = [];
  const timers: (() => void)[] = [];
  const held: ((outcome: Outcome) => void)[] = [];
  const state = { answer: 'sent' as Outcome | 'hold', path: '' };
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (_event, msg) => void warnings.push(msg),
    error: () => {},
    child: () => log,
  };
  const variables: Record<string, string | undefined> = { NOTIFY_SOCKET: '/run/notify', ...env };
  const notify = createSdNotify(variables, {
    log,
    sender: (path) => {
      state.path = path;
      return (text, done) => {
        if (state.answer === 'hold') held.push(done);
        if (state.answer !== 'full') sent.push(text);
        if (state.answer !== 'hold') done(state.answer);
      };
    },
    later: (_ms, then) => void timers.push(then),
  });
  const turn = () => {
    for (const then of timers.splice(0)) then();
  };
  return { notify, sent, warnings, state, held, turn, variables };
}

test('sd-notify: each call is the datagram that sd_notify(3) asks for', () => {
  const { notify, sent } = manager();
  const before = process.hrtime.bigint() / 1000n;
  notify.ready('2 of 2\nREADY=0');
  notify.reloading();
  notify.status('one\r\n two');
  notify.watchdog();
  notify.extendTimeout(1500);
  notify.stopping();
  const [ready, reloading, ...rest] = sent;
  expect(ready).toBe('READY=1\nSTATUS=2 of 2 READY=0');
  const usec = BigInt(/^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(reloading ?? '')?.[1] ?? 0);
  expect(usec).toBeGreaterThanOrEqual(before);
  expect(usec).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n);
  expect(rest).toEqual(['STATUS=one two', 'WATCHDOG=1', 'EXTEND_TIMEOUT_USEC=1500000', 'STOPPING=1']);
});

test('sd-notify: without a manager every call does nothing', () => {
  const { notify, sent, state } = manager({ NOTIFY_SOCKET: '', WATCHDOG_USEC: '1000000' });
  notify.ready('');
  notify.watchdog();
  expect([notify.isOn, notify.watchdogIntervalMs, sent, state.path]).toEqual([false, undefined, [], '']);
});

test('sd-notify: an address it cannot reach is told and not tried', () => {
  const { notify, warnings, state } = manager({ NOTIFY_SOCKET: 'vsock:2:1234' });
  notify.ready('');
  expect([notify.isOn, warnings.length, state.path]).toEqual([false, 1, '']);
});

test('sd-notify: the variables are taken out of the environment', () => {
  const { variables } = manager({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid), OTHER: '1' });
  expect(Object.keys(variables)).toEqual(['OTHER']);
});

test.each([
  [{ WATCHDOG_USEC: '30000000' }, 15_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }, 15_000],
  [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, undefined],
  [{ WATCHDOG_USEC: '0' }, undefined],
  [{ WATCHDOG_USEC: 'soon' }, undefined],
  [{}, undefined],
])('sd-notify: %j makes a watchdog interval of %s', (env, expected) => {
  expect(manager(env as Record<string, string>).notify.watchdogIntervalMs).toBe(expected);
});

test('sd-notify: failures are logged once and never thrown', () => {
  const { notify, warnings, state } = manager();
  state.answer = new Error('No such file or directory');
  for (let i = 0; i < 5; i += 1) notify.watchdog();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('No such file or directory');
});

test('sd-notify: messages wait for a manager that does not read, in order, the newest of a kind', () => {
  const { notify, sent, state, turn } = manager();
  state.answer = 'full';
  notify.reloading();
  for (let i = 0; i < 100; i += 1) notify.status(`step ${i}`);
  notify.watchdog();
  notify.watchdog();
  notify.ready('done');
  turn();
  expect(sent).toEqual([]);
  state.answer = 'sent';
  turn();
  expect(sent.map((text) => text.split('\n')[0])).toEqual(['RELOADING=1', 'STATUS=step 99', 'WATCHDOG=1', 'READY=1']);
});

test('sd-notify: what waits is bounded, the oldest goes', () => {
  const { notify, sent, state, turn } = manager();
  state.answer = 'full';
  for (let i = 0; i < 50; i += 1) notify.reloading();
  notify.stopping();
  state.answer = 'sent';
  turn();
  expect(sent.length).toBeLessThanOrEqual(17);
  expect(sent.at(-1)).toBe('STOPPING=1');
});

test('sd-notify: one message is on its way at a time', () => {
  const { notify, sent, state, held } = manager();
  state.answer = 'hold';
  notify.ready('a');
  notify.stopping();
  expect(sent).toHaveLength(1);
  held[0]?.('sent');
  expect(sent).toHaveLength(2);
});
