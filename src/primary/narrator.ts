/**
 * Tells what the fleet does: each note of the rules becomes one log line and its metrics.
 */
import type { Log } from '../shared/log.ts';
import type { Recorder } from '../shared/metrics.ts';
import { formatDuration } from '../shared/units.ts';
import type { Note } from './rules/order.ts';
import { slotName } from './rules/slot.ts';

type Ended = Extract<Note, { kind: 'ended' }>;
type CheckTurned = Extract<Note, { kind: 'check_turned' }>;
type RolloutEnded = Extract<Note, { kind: 'rollout_ended' }>;

export function narrate(note: Note, log: Log, recorder: Recorder): void {
  switch (note.kind) {
    case 'became_ready':
      recorder.observe('supervisor_boot_duration_seconds', note.bootMs / 1000);
      log.info('worker.ready', `worker ${slotName(note.slot)} is ready`, {
        worker: slotName(note.slot),
        incarnation: note.incarnation,
        boot_ms: Math.round(note.bootMs),
      });
      return;
    case 'listening':
      log.info('worker.listening', `worker ${note.slot} takes calls`, {
        worker: note.slot,
        incarnation: note.incarnation,
      });
      return;
    case 'took_over':
      log.info('worker.took_over', `the spare is worker ${note.slot} now`, {
        worker: note.slot,
        incarnation: note.incarnation,
      });
      return;
    case 'restart_storm':
      log.error('fleet.restart_storm', 'workers end too often, starts are spaced from now on', {
        ends: note.ends,
        window: formatDuration(note.windowMs),
      });
      return;
    case 'paused':
      log.warn('fleet.paused', 'no worker takes calls any more, until SIGWINCH or SIGHUP');
      return;
    case 'resumed':
      log.info('fleet.resumed', 'the workers take calls again');
      return;
    case 'suspected':
      log.warn('worker.suspected', `worker ${slotName(note.slot)} is silent, a replacement starts`, {
        worker: slotName(note.slot),
        incarnation: note.incarnation,
        silent_ms: Math.round(note.silentMs),
      });
      return;
    case 'recovered':
      log.info('worker.recovered', `worker ${slotName(note.slot)} answers again`, {
        worker: slotName(note.slot),
        incarnation: note.incarnation,
      });
      return;
    case 'check_turned':
      checkTurned(note, log);
      return;
    case 'ended':
      ended(note, log, recorder);
      return;
    case 'errored':
      log.error('worker.errored', `worker ${slotName(note.slot)} ended too often${retryWords(note.retryMs)}`, {
        worker: slotName(note.slot),
        class: note.end.class,
        detail: note.end.detail,
      });
      return;
    case 'slept':
      log.warn('primary.slept', 'this process was not running for a while, all deadlines move', {
        gap_ms: Math.round(note.gapMs),
      });
      return;
    case 'rollout_step':
      log.info(`${note.why}.step`, note.text, { edition: note.edition });
      return;
    case 'rollout_ended':
      rolloutEnded(note, log, recorder);
      return;
    case 'superseded':
      log.info('reload.superseded', 'a later reload takes the place of one that waited', { edition: note.edition });
      return;
    case 'all_ready':
      log.info('fleet.ready', 'all workers are ready');
      return;
    case 'start_failed':
      log.error('fleet.start_failed', `the workers do not start: ${note.end.detail}`, { class: note.end.class });
      return;
    case 'all_stopped':
      log.info('fleet.stopped', 'all workers have ended', { forced: note.forced });
      return;
    default:
      note satisfies never;
  }
}

const PLANNED: readonly string[] = ['reload', 'stopped', 'memory_soft', 'lifetime'];

function ended(note: Ended, log: Log, recorder: Recorder): void {
  const { end } = note;
  const slot = slotName(note.slot);
  if (note.restarts) {
    recorder.count('supervisor_worker_restarts_total', { worker: String(slot), reason: end.class });
  }
  const facts = {
    worker: slot,
    incarnation: note.incarnation,
    class: end.class,
    detail: end.detail,
    uptime_ms: Math.round(note.uptimeMs),
    ...(note.delayMs === undefined ? {} : { restart_in_ms: note.delayMs }),
  };
  const level = PLANNED.includes(end.class) ? 'info' : 'warn';
  log[level]('worker.exited', `worker ${slot} ended: ${end.class} (${end.detail})`, facts);
}

function checkTurned({ incarnation, isWell, reason, ...note }: CheckTurned, log: Log): void {
  const slot = slotName(note.slot);
  const facts = { worker: slot, incarnation };
  if (isWell) log.info('worker.well', `worker ${slot} passes its health check again`, facts);
  else log.warn('worker.unwell', `worker ${slot} fails its health check: ${reason}`, facts);
}

function rolloutEnded(note: RolloutEnded, log: Log, recorder: Recorder): void {
  const facts = { edition: note.edition, took_ms: Math.round(note.tookMs) };
  if (note.why === 'reload') {
    recorder.count('supervisor_reloads_total', { result: note.ok ? 'ok' : 'aborted' });
    // One that was refused took no time, and would make the others look fast.
    if (note.tookMs > 0) recorder.observe('supervisor_reload_duration_seconds', note.tookMs / 1000);
  }
  if (note.ok) log.info(`${note.why}.done`, `${note.why} finished`, facts);
  else log.error(`${note.why}.aborted`, `${note.why} aborted: ${note.reason}`, facts);
}

function retryWords(retryMs: number | undefined): string {
  return retryMs === undefined ? ' and stays down' : `, next try in ${formatDuration(retryMs)}`;
}
