/** The life of one process, walked over every phase and every event. */
import { expect, test } from 'vitest';
import {
  type Door,
  dueAt,
  type Incarnation,
  type LifeEvent,
  type Phase,
  shiftTimes,
  stepIncarnation,
} from '../../../../src/primary/rules/incarnation.ts';
import { LIMITS } from './fleet-driver.ts';

const NOW = 100_000;
const PHASES: Phase[] = [
  { kind: 'forking', deadline: NOW - 1 },
  { kind: 'booting', deadline: NOW - 1 },
  { kind: 'ready', lastBeat: NOW - 3000, overSoft: 1 },
  { kind: 'suspect', lastBeat: NOW - 10_000, deadline: NOW },
  { kind: 'draining', cause: 'reload', deadline: NOW - 1 },
  { kind: 'killing', cause: 'hang', detail: 'silent', deadline: NOW - 1 },
  { kind: 'gone', end: { class: 'crash', detail: 'code 1', code: 1 } },
];
const EVENTS: LifeEvent[] = [
  { kind: 'forked' },
  { kind: 'fork_failed', reason: 'EMFILE' },
  { kind: 'ready' },
  { kind: 'complained', complaint: { code: 'X', text: 'x', next: '', retry: true } },
  { kind: 'beat', requests: 7 },
  { kind: 'listen' },
  { kind: 'unlisten' },
  { kind: 'listening' },
  { kind: 'memory', bytes: 600 },
  { kind: 'memory', bytes: 800 },
  { kind: 'unfit', reason: 'flood' },
  { kind: 'exited', code: 1, signal: null, lastWords: '' },
  { kind: 'tick' },
  { kind: 'drain', cause: 'stopped', deadlineMs: 6000 },
  { kind: 'kill', cause: 'stopped', detail: 'at once' },
];
const make = (phase: Phase, door: Door = { kind: 'open' }): Incarnation => ({
  id: 1,
  slot: 0,
  edition: 0,
  startedAt: 0,
  phase,
  door,
  requests: 0,
  bytes: 0,
  luck: 0,
  complaint: undefined,
  checks: undefined,
});

test('incarnation: every phase and every event, and where they lead', () => {
  const table = PHASES.map((phase) => {
    const row = EVENTS.map((event) => {
      const { next, say } = stepIncarnation(make(phase), event, NOW, LIMITS);
      const to = next.phase.kind === phase.kind ? '' : next.phase.kind;
      return [to, ...say.map(({ kind }) => kind)].join('+') || '.';
    });
    return [phase.kind, ...row].join(' ');
  });
  expect(`\n${table.join('\n')}\n`).toBe(`
forking booting gone ready+became_ready . . . . . . killing+kill killing+kill gone killing+kill killing+kill killing+kill
booting . . ready+became_ready . . . . . . killing+kill killing+kill gone killing+kill killing+kill killing+kill
ready . . . . . . +unlisten . . killing+kill killing+kill gone suspect+suspected draining+drain killing+kill
suspect . . . . ready+recovered . +unlisten . . killing+kill killing+kill gone killing+kill draining+drain killing+kill
draining . . . . . . . . . killing+kill killing+kill gone killing+kill . killing+kill
killing . . . . . . . . . . . gone gone+abandon . .
gone . . . . . . . . . . . . . . .
`);
});

test('incarnation: every phase but gone has a time at which it is looked at again', () => {
  for (const phase of PHASES) expect(Number.isFinite(dueAt(make(phase), LIMITS))).toBe(phase.kind !== 'gone');
});

test('incarnation: moved times move the next look by the same', () => {
  for (const phase of PHASES) {
    const it = make(phase);
    if (phase.kind !== 'gone') expect(dueAt(shiftTimes(it, 500), LIMITS)).toBe(dueAt(it, LIMITS) + 500);
  }
});

test.each([
  [{ kind: 'booting', deadline: 0 }, 70, null, 'boot_failure'],
  [{ kind: 'booting', deadline: 0 }, 71, null, 'port_in_use'],
  [{ kind: 'ready', lastBeat: 0, overSoft: 0 }, 0, null, 'clean'],
  [{ kind: 'ready', lastBeat: 0, overSoft: 0 }, 1, null, 'crash'],
  [{ kind: 'ready', lastBeat: 0, overSoft: 0 }, null, 'SIGSEGV', 'crash'],
  [{ kind: 'ready', lastBeat: 0, overSoft: 0 }, null, 'SIGKILL', 'killed'],
  [{ kind: 'suspect', lastBeat: 0, deadline: 0 }, null, 'SIGTERM', 'killed'],
  [{ kind: 'draining', cause: 'memory_soft', deadline: 0 }, 1, null, 'memory_soft'],
  [{ kind: 'killing', cause: 'hang', detail: '', deadline: 0 }, null, 'SIGKILL', 'hang'],
] as const)('incarnation: the end of %o by code %s, signal %s is of class %s', (phase, code, signal, expected) => {
  const { next } = stepIncarnation(make(phase), { kind: 'exited', code, signal, lastWords: '' }, NOW, LIMITS);
  expect(next.phase).toMatchObject({ kind: 'gone', end: { class: expected } });
});

const DOORS: Door[] = [{ kind: 'closed' }, { kind: 'opening', deadline: NOW - 1 }, { kind: 'open' }];
const DOOR_EVENTS: LifeEvent[] = [
  { kind: 'listen' },
  { kind: 'unlisten' },
  { kind: 'listening' },
  { kind: 'beat', requests: 1 },
  { kind: 'tick' },
];

test('incarnation: every door and every event, in a process that is ready, and where they lead', () => {
  const ready: Phase = { kind: 'ready', lastBeat: NOW, overSoft: 0 };
  const table = DOORS.map((door) => {
    const row = DOOR_EVENTS.map((event) => {
      const { next, say } = stepIncarnation(make(ready, door), event, NOW, LIMITS);
      const to = next.door.kind === door.kind ? '' : next.door.kind;
      return [to, ...say.map(({ kind }) => kind)].join('+') || '.';
    });
    return [door.kind, ...row].join(' ');
  });
  expect(`\n${table.join('\n')}\n`).toBe(`
closed opening+listen . . . .
opening . closed+unlisten open+listening . +kill
open . closed+unlisten . . .
`);
});

test('incarnation: a door that does not open in time is looked at and its process is killed', () => {
  const late = make({ kind: 'ready', lastBeat: NOW, overSoft: 0 }, { kind: 'opening', deadline: NOW });
  expect(dueAt(late, LIMITS)).toBe(NOW);
  expect(stepIncarnation(late, { kind: 'tick' }, NOW, LIMITS).next.phase).toMatchObject({
    kind: 'killing',
    cause: 'boot_failure',
  });
});

test('incarnation: the end of one that says nothing is told with its last words', () => {
  const exited = (lastWords: string, signal: string | null = null): LifeEvent => ({
    kind: 'exited',
    code: signal === null ? 1 : null,
    signal,
    lastWords,
  });
  const end = (phase: Phase, event: LifeEvent) => {
    const { next } = stepIncarnation(make(phase), event, NOW, LIMITS);
    return next.phase.kind === 'gone' ? next.phase.end : undefined;
  };
  expect(end({ kind: 'booting', deadline: 0 }, exited('Error: no such module'))).toMatchObject({
    class: 'boot_failure',
    detail: 'code 1: Error: no such module',
  });
  const heap = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
  expect(end({ kind: 'ready', lastBeat: 0, overSoft: 0 }, exited(heap, 'SIGABRT'))?.class).toBe('memory_hard');
});
