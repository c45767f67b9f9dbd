/**
 * A function call as the rewrites see it.
 */
import { SnowflakeError } from '../errors.ts';
import type { EmbeddedSession } from '../statement.ts';
import type { SqlNode } from './nodes.ts';

export interface CallScope {
  readonly session: EmbeddedSession;
  /** True inside a SELECT that reads TABLE(GENERATOR(..)). */
  readonly isGenerated: boolean;
  /** True when a value of the statement may be a TIMESTAMP_TZ. */
  readonly isZoned: boolean;
}

export interface Call {
  readonly name: string;
  readonly args: readonly (readonly SqlNode[])[];
  /** The arguments as finished SQL. */
  readonly text: readonly string[];
  readonly isDistinct: boolean;
  /** `ORDER BY ..` of WITHIN GROUP. */
  readonly within: string | undefined;
  /** ` OVER (..)` with its leading blank, or ''. */
  readonly over: string;
  readonly scope: CallScope;
}

export type CallRewrite = (call: Call) => string;

/** The argument at `at` as SQL. @throws SnowflakeError 000938 when there are too few */
export function argOf(call: Call, at: number): string {
  const text = call.text[at];
  if (text !== undefined) return text;
  throw new SnowflakeError(
    '000938',
    '22023',
    `SQL compilation error:\nnot enough arguments for function [${call.name}]`,
  );
}

/** The argument at `at`; a TIMESTAMP_TZ as its clock on the wall. @throws SnowflakeError 000938 when there are too few */
export function wallOf(call: Call, at: number): string {
  const text = argOf(call, at);
  return call.scope.isZoned ? `SF_WALL(${text})` : text;
}

/** `NAME([DISTINCT ]a, b) [WITHIN GROUP (..)] [OVER (..)]` */
export function plainCall(name: string, call: Call): string {
  const within = call.within === undefined ? '' : ` WITHIN GROUP (${call.within})`;
  return `${name}(${call.isDistinct ? 'DISTINCT ' : ''}${call.text.join(', ')})${within}${call.over}`;
}
