/**
 * Who waits for which reload: hands steps and the end of a reload to those who asked for it, and remembers the last.
 */
import { AppError } from '../shared/errors.ts';

export interface ReloadView {
  readonly reload?: { readonly step: string; readonly startedSecondsAgo: number };
  readonly lastReload?: { readonly ok: boolean; readonly reason: string };
}

export interface ReloadDesk {
  /** @throws AppError RELOAD_FAILED when that reload, or the later one it was merged into, is aborted */
  wait(edition: number, progress: (text: string) => void, now: number): Promise<void>;
  step(edition: number, text: string): void;
  /** Those who wait for `edition` are answered by the end of `by`. */
  merge(edition: number, by: number): void;
  end(edition: number, ok: boolean, reason: string): void;
  view(now: number): ReloadView;
}

interface Waiter {
  readonly progress: (text: string) => void;
  readonly settle: (error?: AppError) => void;
}

export function createReloadDesk(): ReloadDesk {
  const waiting = new Map<number, { waiters: Waiter[]; readonly since: number; step: string }>();
  let last: { ok: boolean; reason: string } | undefined;
  return {
    wait(edition, progress, now) {
      return new Promise((resolve, reject) => {
        const settle = (error?: AppError) => (error === undefined ? resolve() : reject(error));
        waiting.set(edition, { waiters: [{ progress, settle }], since: now, step: 'waits for its turn' });
      });
    },
    step(edition, text) {
      const entry = waiting.get(edition);
      if (entry === undefined) return;
      entry.step = text;
      for (const { progress } of entry.waiters) progress(text);
    },
    merge(edition, by) {
      const [from, to] = [waiting.get(edition), waiting.get(by)];
      if (from === undefined || to === undefined) return;
      to.waiters.push(...from.waiters);
      waiting.delete(edition);
    },
    end(edition, ok, reason) {
      const entry = waiting.get(edition);
      waiting.delete(edition);
      last = { ok, reason };
      for (const { settle } of entry?.waiters ?? []) {
        settle(ok ? undefined : new AppError('RELOAD_FAILED', { reason }));
      }
    },
    view(now) {
      const [current] = waiting.values();
      return {
        ...(current === undefined
          ? {}
          : { reload: { step: current.step, startedSecondsAgo: Math.floor((now - current.since) / 1000) } }),
        ...(last === undefined ? {} : { lastReload: last }),
      };
    },
  };
}
