/**
 * The door to systemd: tells the service manager what this service is doing, as sd_notify(3) has it.
 *
 * Every call is a no-op without $NOTIFY_SOCKET, so callers never ask. Nothing blocks and nothing is thrown: the service
 * does not depend on its watcher. Messages go out in order; while the manager's queue is full they wait, bounded, and a
 * failed one is logged once. Who this is read for is this process alone, so the variables leave the environment.
 */
import type { Log } from '../shared/log.ts';
import { createDatagramSender, type DatagramSender } from './notify-socket.ts';

export interface SdNotify {
  /** False when nobody listens. */
  readonly isOn: boolean;
  /** How often `watchdog` has to be called: half of what the manager allows. Undefined when it does not watch. */
  readonly watchdogIntervalMs: number | undefined;
  /** Serves; also the end of a reload. */
  ready(status: string): void;
  reloading(): void;
  stopping(): void;
  status(text: string): void;
  watchdog(): void;
  /** The step under way (start, reload or stop) may take this long from now on. */
  extendTimeout(ms: number): void;
}

export interface NotifyDoors {
  readonly log: Log;
  /** How a datagram leaves; the real socket unless a test has its own. */
  readonly sender?: (path: string) => DatagramSender;
  readonly later?: (ms: number, then: () => void) => void;
}

/** @param env the environment of this process; the variables of systemd are taken out of it */
export function createSdNotify(env: Record<string, string | undefined>, doors: NotifyDoors): SdNotify {
  const path = env.NOTIFY_SOCKET ?? '';
  const interval = watchdogIntervalMs(env);
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (path === '') return silent();
  if (!path.startsWith('/') && !path.startsWith('@')) {
    doors.log.warn('systemd.unreachable', 'NOTIFY_SOCKET is neither a path nor an abstract name', { socket: path });
    return silent();
  }
  const { sender = createDatagramSender, later = laterQuietly } = doors;
  const queue = new Outbox(sender(path), doors.log, later);
  return {
    isOn: true,
    watchdogIntervalMs: interval,
    ready: (status) => queue.push('state', `READY=1\nSTATUS=${oneLine(status)}`),
    reloading: () => queue.push('state', `RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => queue.push('state', 'STOPPING=1'),
    status: (text) => queue.push('status', `STATUS=${oneLine(text)}`),
    watchdog: () => queue.push('watchdog', 'WATCHDOG=1'),
    extendTimeout: (ms) => queue.push('extend', `EXTEND_TIMEOUT_USEC=${Math.round(ms * 1000)}`),
  };
}

function silent(): SdNotify {
  const nothing = () => {};
  return {
    isOn: false,
    watchdogIntervalMs: undefined,
    ready: nothing,
    reloading: nothing,
    stopping: nothing,
    status: nothing,
    watchdog: nothing,
    extendTimeout: nothing,
  };
}

/** Half of WATCHDOG_USEC, as sd_watchdog_enabled(3) advises; WATCHDOG_PID tells whom it is meant for. */
function watchdogIntervalMs(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const usec = Number(env.WATCHDOG_USEC);
  if (!Number.isSafeInteger(usec) || usec <= 0) return undefined;
  const pid = env.WATCHDOG_PID ?? '';
  if (pid !== '' && Number(pid) !== process.pid) return undefined;
  return usec / 2000;
}

/** A line break would begin another assignment. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

function laterQuietly(ms: number, then: () => void): void {
  setTimeout(then, ms).unref();
}

type Kind = 'state' | 'status' | 'watchdog' | 'extend';

const RETRY_MS = 200;
const WAITING_MAX = 16;

/** Messages in order, one on its way at a time. A newer one takes the place of a waiting one of its kind, but for states. */
class Outbox {
  readonly #sender: DatagramSender;
  readonly #log: Log;
  readonly #later: (ms: number, then: () => void) => void;
  #waiting: { readonly kind: Kind; readonly text: string }[] = [];
  #isBusy = false;
  #hasComplained = false;

  constructor(sender: DatagramSender, log: Log, later: (ms: number, then: () => void) => void) {
    this.#sender = sender;
    this.#log = log;
    this.#later = later;
  }

  push(kind: Kind, text: string): void {
    if (kind !== 'state') this.#waiting = this.#waiting.filter((entry) => entry.kind !== kind);
    this.#waiting.push({ kind, text });
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
    this.#sendNext();
  }

  #sendNext(): void {
    const next = this.#waiting[0];
    if (this.#isBusy || next === undefined) return;
    this.#isBusy = true;
    this.#waiting.shift();
    this.#sender(next.text, (outcome) => {
      if (outcome === 'full') {
        this.#waiting.unshift(next);
        this.#later(RETRY_MS, () => this.#goOn());
        return;
      }
      if (outcome !== 'sent') this.#complain(outcome);
      this.#goOn();
    });
  }

  #goOn(): void {
    this.#isBusy = false;
    this.#sendNext();
  }

  #complain(error: Error): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.#log.warn('systemd.unreachable', `systemd does not hear this service: ${error.message}`);
  }
}
