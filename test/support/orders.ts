/** Tells one fake worker to misbehave (the deeds of fault-deeds.mjs). */
import { request } from 'node:http';
import { join } from 'node:path';

/** @param dir of the plan file; resolves when the worker has heard it, before it does it */
export function order(dir: string, pid: number, deed: string, args: Record<string, string | number> = {}) {
  const words = Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]);
  const query = new URLSearchParams(words);
  return new Promise<void>((resolve, reject) => {
    const call = request(
      { socketPath: join(dir, `w${pid}.sock`), path: `/${deed}?${query}`, timeout: 20_000 },
      (answer) => answer.resume().once('end', resolve),
    );
    call.once('error', reject);
    call.once('timeout', () => call.destroy(new Error(`worker ${pid} does not listen`)));
    call.end();
  });
}
