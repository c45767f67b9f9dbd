/**
 * Snowflake connections of one identity in one worker, lent to one call at a time.
 *
 * Nothing is opened before it is needed, and the pool outlives Snowflake: while logins fail, calls learn the real reason
 * at once (breaker.ts). A login is nobody's own: when the call that caused it goes away, the connection serves the next.
 * A connection comes back clean or not at all: a lease that ends `spent` or `dead` closes it. Decisions are in rules.ts.
 */
import type { Clock } from '../../shared/clock.ts';
import { AppError } from '../../shared/errors.ts';
import type { PoolFigures } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import type { Recorder } from '../../shared/metrics.ts';
import type { Connection, Driver } from '../snowflake/driver.ts';
import { mapDriverError } from '../snowflake/errors-map.ts';
import { afterFailedLogin, type Breaker, breakerState, CLOSED, loginsAllowed } from './breaker.ts';
import { chooseIdle, idleDuty, lookEveryMs, type Need, type PoolLimits, retirementOf, waitCause } from './rules.ts';
import { Waiters } from './waiters.ts';

/**
 * `clean`: as it was lent, but for `place`. `spent`: changed in a way only a new login undoes. `dead`: the session is
 * gone. `kept`: the borrower keeps it and ends it; the pool forgets it.
 */
export type Fate = 'clean' | 'spent' | 'dead' | 'kept';

export interface Lease {
  readonly connection: Connection;
  /** Where the session stands; the borrower keeps it true. */
  place: string;
  /** Gives the connection back; only the first call counts. */
  release(fate: Fate): void;
}

export interface PoolOptions {
  readonly driver: Pick<Driver, 'connect'>;
  readonly limits: PoolLimits;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly random?: () => number;
}

export type Health = 'healthy' | 'unhealthy' | 'unknown';

interface Member {
  readonly connection: Connection;
  readonly retireAt: number;
  /** Of the pool when its login began; an older one is not kept. */
  readonly generation: number;
  place: string;
  idleSince: number;
  checkedAt: number;
  leasedAt: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #random: () => number;
  readonly #waiters: Waiters<Lease>;
  readonly #idle: Member[] = [];
  readonly #leased = new Set<Member>();
  readonly #checking = new Set<Member>();
  readonly #endings = new Set<Promise<void>>();
  readonly #looker: NodeJS.Timeout;
  #opening = 0;
  #peak = 0;
  #generation = 0;
  #breaker: Breaker = CLOSED;
  #health: Health = 'unknown';
  #retry: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #settled: (() => void) | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#waiters = new Waiters(options.clock);
    this.#looker = setInterval(() => this.#look(), lookEveryMs(options.limits));
    this.#looker.unref();
    options.recorder.set('mcp_db_connections_max', options.limits.max);
    this.#measure();
  }

  /**
   * Lends a connection; the caller gives it back with `release`. First come, first served, up to `deadline` (clock time).
   * @throws AppError POOL_TIMEOUT, POOL_FULL, POOL_CLOSED, the login's own error while none can be opened, or the signal's reason
   */
  async acquire(need: Need, deadline: number, signal: AbortSignal): Promise<Lease> {
    if (this.#closing !== undefined) throw new AppError('POOL_CLOSED', {});
    signal.throwIfAborted();
    const { clock, limits, recorder } = this.#options;
    // Those for whom a connection could still be opened wait for their own login, not for others.
    const waitingMax = limits.maxWaiting + limits.max - this.#open;
    if (chooseIdle(this.#idle, need) === -1 && this.#waiters.size >= waitingMax) {
      throw new AppError('POOL_FULL', { waiting: this.#waiters.size });
    }
    const startedAt = clock.now();
    const lease = this.#waiters.join(need, deadline, signal, (waitedMs) => this.#tooLate(waitedMs));
    this.#pump();
    try {
      return await lease;
    } finally {
      recorder.observe('mcp_connection_acquisition_seconds', (clock.now() - startedAt) / 1000);
    }
  }

  /** Forgets the last failed login, so that the next call tries at once. */
  tryAgain(): void {
    this.#breaker = CLOSED;
  }

  /**
   * Replaces every connection, as after a change of credentials: idle ones end now, lent ones when they come back, logins
   * under way when they are done. Nobody who waits is turned away.
   */
  replaceAll(): void {
    this.#generation++;
    this.#breaker = CLOSED;
    for (const member of this.#idle.splice(0)) this.#end(member);
    this.#pump();
  }

  /** What the last login or check showed. */
  get health(): Health {
    return this.#health;
  }

  figures(): PoolFigures {
    const [idle, active] = [this.#idle.length, this.#leased.size];
    return {
      active,
      idle,
      total: this.#open,
      max: this.#options.limits.max,
      waiting: this.#waiters.size,
      peak: this.#peak,
      oldestWaitMs: this.#waiters.oldestMs,
    };
  }

  /** Refuses all who wait, lets leases end until `deadlineMs` have passed, ends every session. May be called twice. */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    clearInterval(this.#looker);
    clearTimeout(this.#retry);
    for (const waiter of this.#waiters.all()) waiter.reject(new AppError('POOL_CLOSED', {}));
    for (const member of this.#idle.splice(0)) this.#end(member);
    if (this.#isBusy) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#settled = resolve;
        timer = setTimeout(resolve, deadlineMs);
      });
      clearTimeout(timer);
      for (const members of [this.#leased, this.#checking]) {
        for (const member of members) this.#end(member);
        members.clear();
      }
    }
    await Promise.all(this.#endings);
    this.#measure();
  }

  /** Somebody else has hold of a connection, or will. */
  get #isBusy(): boolean {
    return this.#leased.size + this.#checking.size + this.#opening > 0;
  }

  get #open(): number {
    return this.#idle.length + this.#leased.size + this.#checking.size;
  }

  /** Serves the line with what is idle, then opens what is missing, as far as limits and breaker allow. */
  #pump(): void {
    if (this.#closing !== undefined) {
      if (!this.#isBusy) this.#settled?.();
      return;
    }
    let missing = 0;
    for (const waiter of this.#waiters.all()) {
      const at = chooseIdle(this.#idle, waiter.need);
      const [member] = at === -1 ? [] : this.#idle.splice(at, 1);
      if (member !== undefined) waiter.resolve(this.#lend(member));
      else missing++;
    }
    this.#openMore(missing - this.#opening);
    this.#measure();
  }

  #openMore(wanted: number): void {
    const { limits, clock } = this.#options;
    if (wanted <= 0) return;
    const now = clock.now();
    const allowed = loginsAllowed(this.#breaker, this.#opening, wanted, now);
    for (let count = 0; count < allowed; count++) {
      if (this.#open + this.#opening >= limits.max) {
        // Those who wait can use none of the idle ones: the oldest makes room.
        const unused = this.#idle.shift();
        if (unused === undefined) return;
        this.#end(unused);
      }
      this.#opening++;
      void this.#login();
    }
    if (this.#breaker.kind === 'open' && allowed === 0) this.#holdOff(this.#breaker, now);
  }

  /** While no login may be tried: nobody waits for nothing, and the next try has its time. */
  #holdOff(breaker: Breaker & { kind: 'open' }, now: number): void {
    if (this.#open === 0 && this.#opening === 0) {
      for (const waiter of this.#waiters.all()) waiter.reject(breaker.reason);
      return;
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#pump(), Math.max(1, breaker.until - now));
    this.#retry.unref();
  }

  async #login(): Promise<void> {
    const { driver, limits, clock, recorder, log } = this.#options;
    const generation = this.#generation;
    try {
      const connection = await driver.connect();
      const now = clock.now();
      this.#opening--;
      this.#breaker = CLOSED;
      this.#health = 'healthy';
      const retireAt = retirementOf(now, limits.maxAgeMs, this.#random());
      const member = { connection, retireAt, generation, place: '', idleSince: now, checkedAt: now, leasedAt: now };
      if (this.#isWanted(member)) this.#idle.push(member);
      else this.#end(member);
      log.debug('pool.opened', 'a Snowflake connection is open', { open: this.#open });
    } catch (error) {
      const reason = mapDriverError(error, 0);
      this.#opening--;
      this.#breaker = afterFailedLogin(this.#breaker, reason, clock.now(), this.#random());
      this.#health = 'unhealthy';
      recorder.count('mcp_failed_connections_total', { reason: reason.code });
      const cause = reason.code === 'INTERNAL' ? { cause: reason.cause } : {};
      log.warn('pool.login_failed', reason.message, { 'error.code': reason.code, ...cause });
    }
    this.#pump();
  }

  #lend(member: Member): Lease {
    member.leasedAt = this.#options.clock.now();
    this.#leased.add(member);
    this.#peak = Math.max(this.#peak, this.#leased.size);
    let isOver = false;
    return {
      connection: member.connection,
      get place() {
        return member.place;
      },
      set place(place: string) {
        member.place = place;
      },
      release: (fate) => {
        if (!isOver) this.#takeBack(member, fate);
        isOver = true;
      },
    };
  }

  #takeBack(member: Member, fate: Fate): void {
    if (!this.#leased.delete(member)) return;
    const now = this.#options.clock.now();
    const isUsable = fate === 'clean' && member.connection.isUp() && now < member.retireAt;
    if (isUsable && this.#isWanted(member)) {
      member.idleSince = now;
      this.#idle.push(member);
    } else if (fate !== 'kept') {
      this.#end(member);
    }
    // Sessions mostly die together (a token's lifetime, a network change): the others are asked before they are lent.
    if (fate === 'dead') for (const other of this.#idle.splice(0)) void this.#check(other);
    else if (fate === 'clean') this.#health = 'healthy';
    this.#pump();
  }

  #look(): void {
    const { clock, limits } = this.#options;
    const now = clock.now();
    for (const member of [...this.#idle]) {
      const duty = idleDuty(member, this.#open, now, limits);
      if (duty === 'keep') continue;
      this.#idle.splice(this.#idle.indexOf(member), 1);
      if (duty === 'close') this.#end(member);
      else void this.#check(member);
    }
    if (this.#keepsUp()) this.#openMore(limits.min - this.#open - this.#opening);
    this.#measure();
  }

  /**
   * Once it was used, the minimum is kept up, so that no call waits for a login after a quiet night, and an outage is over
   * without a call. A login that was refused is for a call to repeat: Snowflake locks users.
   */
  #keepsUp(): boolean {
    if (this.#closing !== undefined) return false;
    const breaker = this.#breaker;
    return breaker.kind === 'closed' ? this.#peak > 0 : breaker.reason.code === 'SNOWFLAKE_UNREACHABLE';
  }

  /** Asks Snowflake whether the session lives; it is neither idle nor lent meanwhile. */
  async #check(member: Member): Promise<void> {
    this.#checking.add(member);
    const isAlive = member.connection.isUp() && (await member.connection.heartbeat());
    // Not there any more when the pool was closed meanwhile, which has ended it.
    if (!this.#checking.delete(member)) return;
    member.checkedAt = this.#options.clock.now();
    if (isAlive && this.#isWanted(member)) this.#idle.push(member);
    else this.#end(member);
    this.#pump();
  }

  #isWanted(member: Member): boolean {
    return this.#closing === undefined && member.generation === this.#generation;
  }

  #end(member: Member): void {
    const ending = member.connection.destroy().finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  #tooLate(waitedMs: number): AppError {
    const { clock, limits } = this.#options;
    const now = clock.now();
    const longestLeaseMs = Math.max(0, ...[...this.#leased].map((member) => now - member.leasedAt));
    const lastLoginError = this.#breaker.kind === 'open' ? this.#breaker.reason.message : undefined;
    const [leased, opening, max] = [this.#leased.size, this.#opening, limits.max];
    const cause = waitCause({ leased, opening, max, longestLeaseMs, lastLoginError });
    return new AppError('POOL_TIMEOUT', { waitedMs, max, cause });
  }

  #measure(): void {
    const { recorder } = this.#options;
    recorder.set('mcp_db_connections_active', this.#leased.size);
    recorder.set('mcp_db_connections_idle', this.#idle.length);
    recorder.set('mcp_db_connections_total', this.#open);
    recorder.set('pool_connections_peak', this.#peak);
    recorder.set('mcp_pool_waiting', this.#waiters.size);
    const state = breakerState(this.#breaker, this.#options.clock.now());
    recorder.set('mcp_circuit_breaker_state', state, { component: 'snowflake' });
  }
}
