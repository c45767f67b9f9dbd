/**
 * What a service manager is told, from what is seen of the fleet: a pure step, called every few hundred milliseconds.
 *
 * Ready once after the first start and after each reload; the watchdog is fed only while the service is really well:
 * the loop that supervises the workers turns, and enough workers are ready or have not been missing for long. A process
 * that merely lives is not fed, so that the manager replaces it.
 */
export interface ServiceSight {
  readonly state: 'starting' | 'running' | 'reloading' | 'stopping';
  /** Enough workers are ready to be sent traffic. */
  readonly isReady: boolean;
  /** When the supervising loop last turned. */
  readonly loopAt: number;
  readonly status: string;
}

export interface ServiceLimits {
  /** Undefined when nobody watches. */
  readonly watchdogMs: number | undefined;
  /** Without enough workers for longer than this, the manager shall start the service anew. */
  readonly unreadyMs: number;
  /** A loop that has not turned for longer than this hangs. */
  readonly loopMs: number;
  /** While a step is under way: how often more time is asked for, and how much. */
  readonly askEveryMs: number;
  readonly askForMs: number;
  /** No step is given more time than this; one that hangs is ended by the manager. */
  readonly stepMs: number;
}

export interface ServiceState {
  readonly phase: ServiceSight['state'];
  readonly phaseSince: number;
  readonly status: string;
  readonly fedAt: number;
  readonly askedAt: number;
  /** When enough workers were last ready. */
  readonly readyAt: number;
}

export type Notice =
  | { readonly kind: 'ready'; readonly status: string }
  | { readonly kind: 'reloading' }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'watchdog' }
  | { readonly kind: 'extend'; readonly ms: number };

export function newService(now: number): ServiceState {
  return { phase: 'starting', phaseSince: now, status: '', fedAt: now, askedAt: now, readyAt: now };
}

export function stepService(
  before: ServiceState,
  sight: ServiceSight,
  now: number,
  limits: ServiceLimits,
): { next: ServiceState; say: Notice[] } {
  const say: Notice[] = [];
  let next: ServiceState = sight.isReady || sight.state === 'starting' ? { ...before, readyAt: now } : before;
  if (sight.state !== before.phase) {
    next = { ...next, phase: sight.state, phaseSince: now, askedAt: Number.NEGATIVE_INFINITY };
    if (sight.state === 'running') {
      say.push({ kind: 'ready', status: sight.status });
      next = { ...next, status: sight.status };
    } else if (sight.state !== 'starting') say.push({ kind: sight.state });
  }
  if (sight.status !== next.status) {
    say.push({ kind: 'status', status: sight.status });
    next = { ...next, status: sight.status };
  }
  const isTurning = now - sight.loopAt <= limits.loopMs;
  const isUnderWay = sight.state !== 'running' && now - next.phaseSince < limits.stepMs;
  if (isUnderWay && isTurning && now - next.askedAt >= limits.askEveryMs) {
    say.push({ kind: 'extend', ms: limits.askForMs });
    next = { ...next, askedAt: now };
  }
  const isWell = isTurning && (sight.state === 'stopping' || now - next.readyAt <= limits.unreadyMs);
  if (limits.watchdogMs !== undefined && isWell && now - next.fedAt >= limits.watchdogMs) {
    say.push({ kind: 'watchdog' });
    next = { ...next, fedAt: now };
  }
  return { next, say };
}
