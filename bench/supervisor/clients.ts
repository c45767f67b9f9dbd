/** Clients that ask without a pause, each with one request in flight, and count what failed. */
import { Agent, get } from 'node:http';

const HUNG_MS = 10_000;
/** After a failure, so that a refused port is not asked thousands of times a second. */
const PAUSE_MS = 10;

export interface Tally {
  readonly answered: number;
  /** Failures by reason. */
  readonly failures: ReadonlyMap<string, number>;
}

export interface Load {
  answered(): number;
  stop(): Promise<Tally>;
}

export interface Answer {
  readonly pid: number;
}

export function ask(url: string, agent: Agent, timeoutMs = HUNG_MS): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = get(url, { agent, timeout: timeoutMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text) as Answer);
        else reject(new Error(`status ${response.statusCode}`));
      });
    });
    call.once('timeout', () => call.destroy(new Error('no answer')));
    call.once('error', reject);
  });
}

export function startLoad(url: string, options: { clients: number; isKeepAlive: boolean }): Load {
  const agent = new Agent({ keepAlive: options.isKeepAlive, maxSockets: options.clients });
  const failures = new Map<string, number>();
  let answered = 0;
  let isOver = false;
  const loops = Array.from({ length: options.clients }, async () => {
    while (!isOver) {
      try {
        await ask(url, agent);
        answered += 1;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        add(failures, code ?? message, 1);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  });
  return {
    answered: () => answered,
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
      agent.destroy();
      return { answered, failures };
    },
  };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const failures = new Map<string, number>();
  for (const tally of tallies) {
    for (const [reason, count] of tally.failures) add(failures, reason, count);
  }
  return { answered: tallies.reduce((sum, tally) => sum + tally.answered, 0), failures };
}

export function failedOf({ failures }: Tally): number {
  return [...failures.values()].reduce((sum, count) => sum + count, 0);
}

/** e.g. `3 of 20100 (ECONNRESET 2, ECONNREFUSED 1)` */
export function tallyText(tally: Tally): string {
  const failed = failedOf(tally);
  const reasons = [...tally.failures].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} ${count}`);
  return `${failed} of ${tally.answered + failed}${failed === 0 ? '' : ` (${reasons.join(', ')})`}`;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
