/** The daemon's own log: winston dispatches its lines to the files that this process owns. */
import type { Writable } from 'node:stream';
import winston from 'winston';
import type { Config } from '../shared/config/schema.ts';
import { LOG_LEVELS, type Log, type LogEntry, lineOf, logTo } from '../shared/log.ts';

export function createDaemonLog({
  level,
  format,
  stream,
}: Pick<Config['logging'], 'level' | 'format'> & { readonly stream: Writable }): Log {
  const line = lineOf(format);
  const logger = winston.createLogger({
    level,
    levels: { ...LOG_LEVELS },
    format: winston.format.printf((info) => line(info.entry as LogEntry)),
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
    exitOnError: false,
  });
  return logTo((entry) => void logger.log({ level: entry.level, message: entry.message, entry }), level);
}
