/**
 * What snowflake-sdk 3.3.0 gets wrong where no option reaches it: two changes to classes inside the package.
 *
 * Parts of a result: large results come in parts. The driver parses one while it tells its listeners that it has arrived;
 * when the parse throws, nobody hears of it and the stream never ends. Here a part is parsed and counted one step
 * earlier, where the driver still has a way to report an error.
 * Parameters: replies carry settings (service name, keep-alive, certificate checks of storage ...) that the driver keeps
 * once for the whole process, so the last reply of any session rules all others. Here its own defaults stay.
 * A version of the package with other insides is refused.
 */
import { createRequire } from 'node:module';
import { RESULT_CUT } from './driver.ts';

/** What is used of the driver's Chunk; not in its types. */
interface Chunk {
  emit(event: string, ...values: unknown[]): boolean;
  listenerCount(event: string): number;
  getRows(): unknown;
  getStartIndex(): number;
  getEndIndex(): number;
}

const GUARDED = Symbol('guarded');

/** Changes the driver for this process; further calls do nothing. */
export function guardDriver(): void {
  const require = createRequire(import.meta.url);
  const parameters = require('snowflake-sdk/dist/lib/parameters.js') as { update: unknown };
  if (typeof parameters.update !== 'function') throw new Error('this version of snowflake-sdk has other parameters');
  parameters.update = () => {};
  guardChunks(require);
}

function guardChunks(require: NodeJS.Require): void {
  const { prototype } = require('snowflake-sdk/dist/lib/connection/result/chunk.js') as { prototype: Chunk };
  const methods = ['emit', 'listenerCount', 'getRows', 'getStartIndex', 'getEndIndex'] as const;
  if (methods.some((name) => typeof prototype[name] !== 'function')) {
    throw new Error('this version of snowflake-sdk has other chunks');
  }
  if (GUARDED in prototype) return;
  const { emit } = prototype;
  Object.defineProperty(prototype, GUARDED, { value: true });
  prototype.emit = function (this: Chunk, event, ...values) {
    // A part that is fetched ahead has no listener yet; it is told again when its turn comes.
    const isDue = event === 'loadcomplete' && !values[0] && this.listenerCount(event) > 0;
    const fault = isDue ? faultOf(this) : undefined;
    return fault === undefined ? emit.call(this, event, ...values) : emit.call(this, event, fault, this);
  };
}

function faultOf(chunk: Chunk): Error | undefined {
  const due = chunk.getEndIndex() - chunk.getStartIndex() + 1;
  try {
    const rows = chunk.getRows();
    const has = Array.isArray(rows) ? rows.length : 0;
    return has === due ? undefined : cut(`a part of the result has ${has} rows in place of ${due}`);
  } catch {
    // The words of the parser quote the data.
    return cut('a part of the result is damaged');
  }
}

function cut(message: string): Error {
  return Object.assign(new Error(message), { code: RESULT_CUT });
}
