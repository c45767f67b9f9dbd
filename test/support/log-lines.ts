/** A log for tests that keeps its lines as objects. */
import { Writable } from 'node:stream';
import { createLog, type Log } from '../../src/shared/log.ts';

export function logLines(): { log: Log; lines: Record<string, unknown>[]; events(): string[] } {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      lines.push(JSON.parse(chunk) as Record<string, unknown>);
      done();
    },
  });
  const log = createLog({ level: 'debug', format: 'json', stream });
  return { log, lines, events: () => lines.map((line) => String(line.event)) };
}
