/**
 * Keeps the service manager informed about the fleet: looks at it every quarter of a second.
 *
 * Decides nothing (rules/service-state.ts does). Its timer keeps nothing alive.
 */
import type { Clock } from '../shared/clock.ts';
import type { DaemonStatus } from '../shared/control-api.ts';
import { type Notice, newService, type ServiceLimits, stepService } from './rules/service-state.ts';
import type { SdNotify } from './sd-notify.ts';

const LOOK_MS = 250;

const LIMITS: Omit<ServiceLimits, 'watchdogMs'> = {
  unreadyMs: 120_000,
  loopMs: 5000,
  askEveryMs: 10_000,
  askForMs: 30_000,
  stepMs: 1_800_000,
};

/** What is looked at: the supervisor has all of it. */
export interface Watched {
  view(): Pick<DaemonStatus, 'state' | 'reload'>;
  workers(): readonly { readonly state: string }[];
  isWell(): boolean;
}

export interface ServiceReporter {
  /** Wraps the timer of the supervising loop, so that it is seen to turn. */
  turning(later: Later): Later;
  /** Looks a last time: what ended before the timer saw it is still told. */
  close(): void;
}

type Later = (ms: number, then: () => void) => () => void;

export function followSupervisor(notify: SdNotify, watched: () => Watched | undefined, clock: Clock): ServiceReporter {
  const limits = { ...LIMITS, watchdogMs: notify.watchdogIntervalMs };
  let state = newService(clock.now());
  let loopAt = clock.now();
  const look = () => {
    const seen = watched();
    if (seen === undefined) return;
    const { state: phase, reload } = seen.view();
    const sight = {
      state: phase,
      isReady: seen.isWell(),
      loopAt,
      status: statusText(phase, seen.workers(), reload?.step),
    };
    const step = stepService(state, sight, clock.now(), limits);
    state = step.next;
    for (const notice of step.say) tell(notify, notice);
  };
  const timer = notify.isOn ? setInterval(look, LOOK_MS) : undefined;
  timer?.unref();
  return {
    turning: (later) => (ms, then) =>
      later(ms, () => {
        then();
        // Not reached by a loop that throws each time: that one does not count as turning.
        loopAt = clock.now();
      }),
    close: () => {
      look();
      clearInterval(timer);
    },
  };
}

function statusText(
  phase: DaemonStatus['state'],
  workers: readonly { readonly state: string }[],
  step: string | undefined,
): string {
  const ready = workers.filter((worker) => worker.state === 'ready').length;
  const detail = phase === 'reloading' && step !== undefined && step !== '' ? `: ${step}` : '';
  return `${phase}, ${ready} of ${workers.length} workers ready${detail}`;
}

function tell(notify: SdNotify, notice: Notice): void {
  if (notice.kind === 'ready') notify.ready(notice.status);
  else if (notice.kind === 'status') notify.status(notice.status);
  else if (notice.kind === 'extend') notify.extendTimeout(notice.ms);
  else notify[notice.kind]();
}
