/**
 * The log of every program here: winston, one JSON object a line, written to a stream that the caller owns.
 *
 * A line has time, level, event, msg, pid and the facts given; secrets are taken out on the way. `event` is a stable
 * name in the past tense or a noun (`worker.exited`, `tool_call`), facts are snake_case fields.
 */
import type { Writable } from 'node:stream';
import winston from 'winston';
import type { Config } from './config/schema.ts';
import { redact } from './redact.ts';

export type LogLevel = Config['logging']['level'];
export type Facts = Readonly<Record<string, unknown>>;

export interface Log {
  debug(event: string, msg: string, facts?: Facts): void;
  info(event: string, msg: string, facts?: Facts): void;
  warn(event: string, msg: string, facts?: Facts): void;
  error(event: string, msg: string, facts?: Facts): void;
  /** The same log with facts added to every line. */
  child(facts: Facts): Log;
}

function jsonLine(info: winston.Logform.TransformableInfo): string {
  const { level, message, event, ...facts } = info;
  return JSON.stringify({ time: new Date().toISOString(), level, event, msg: message, pid: process.pid, ...facts });
}

function textLine(info: winston.Logform.TransformableInfo): string {
  const { level, message, event, ...facts } = info;
  const rest = Object.entries(facts).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [new Date().toISOString(), level.toUpperCase().padEnd(5), String(event), String(message), ...rest].join(' ');
}

function wrap(logger: winston.Logger, bound: Facts): Log {
  const write =
    (level: LogLevel) =>
    (event: string, msg: string, facts: Facts = {}) => {
      if (!logger.isLevelEnabled(level)) return;
      const clean = redact({ ...bound, ...facts }) as Facts;
      logger.log({ level, message: String(redact(msg)), event, ...clean });
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (facts) => wrap(logger, { ...bound, ...facts }),
  };
}

export function createLog(options: {
  level: LogLevel;
  format: Config['logging']['format'];
  stream: Writable;
  facts?: Facts;
}): Log {
  const logger = winston.createLogger({
    level: options.level,
    levels: { error: 0, warn: 1, info: 2, debug: 3 },
    format: winston.format.printf(options.format === 'json' ? jsonLine : textLine),
    transports: [new winston.transports.Stream({ stream: options.stream, eol: '\n' })],
    exitOnError: false,
  });
  return wrap(logger, options.facts ?? {});
}
