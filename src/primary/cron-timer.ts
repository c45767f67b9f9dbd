/**
 * Tells when the time of a cron pattern has come. The pattern is asked for anew at every look, at least once a minute,
 * so that a changed configuration, a suspended machine and a clock that was set are noticed. Times that passed meanwhile
 * count once.
 */
import { nextCronTime } from '../shared/cron.ts';

const LOOK_MS = 60_000;

export interface CronDoors {
  /** Undefined while there is none. */
  readonly pattern: () => string | undefined;
  readonly wall: () => Date;
  readonly later: (ms: number, then: () => void) => () => void;
  readonly onTime: (pattern: string) => void;
}

/** @returns a function that ends it */
export function startCronTimer({ pattern, wall, later, onTime }: CronDoors): () => void {
  let due: { at: number; of: string } | undefined;
  let callOff = () => {};
  const look = () => {
    const now = wall();
    const wanted = pattern();
    if (due !== undefined && due.of === wanted && now.getTime() >= due.at) onTime(due.of);
    const at = wanted === undefined ? undefined : nextCronTime(wanted, now)?.getTime();
    due = wanted === undefined || at === undefined ? undefined : { at, of: wanted };
    callOff = later(Math.min(LOOK_MS, due === undefined ? LOOK_MS : due.at - now.getTime()), look);
  };
  look();
  return () => callOff();
}
