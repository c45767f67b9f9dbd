/**
 * Gives the workers leases on what clients may still ask for in this minute, so that all workers together keep one limit.
 *
 * Workers bring the rule with each question: after a reload old and new workers may have different ones for a while, and
 * each rule counts for itself.
 */
import type { LeaseAsk, LeaseGrant } from '../shared/ipc.ts';
import { createMemoryPot, type RatePot } from '../shared/rate-pot.ts';

export interface RateDesk {
  lease(asks: readonly LeaseAsk[]): Promise<LeaseGrant[]>;
}

/** Different rules at once: of the configuration before and after a reload, and those of single principals. */
const RULES_MAX = 1000;

export function createRateDesk(): RateDesk {
  const pots = new Map<string, RatePot>();
  const potOf = ({ perMinute, reserve }: LeaseAsk): RatePot => {
    const rule = `${perMinute}/${reserve}`;
    const known = pots.get(rule);
    if (known !== undefined) return known;
    const oldest = pots.keys().next().value;
    if (pots.size >= RULES_MAX && oldest !== undefined) pots.delete(oldest);
    const pot = createMemoryPot({ perMinute, reserve });
    pots.set(rule, pot);
    return pot;
  };
  return {
    lease: (asks) =>
      Promise.all(asks.map(async (ask) => ({ id: ask.id, ...(await potOf(ask).take(ask.key, ask.amount)) }))),
  };
}
