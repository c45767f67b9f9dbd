/**
 * How a failure that is no tool result leaves as a JSON-RPC error: -32602 for what the client got wrong, -32002 for a
 * resource that is not there (2026-07-28 has -32602 for it too), else -32603; the data has the code of our table.
 */
import { AppError, toAppError } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import { redactText } from '../../shared/redact.ts';

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const RESOURCE_NOT_FOUND = -32002;

export interface ProtocolFault {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: string; readonly next: string; readonly retry: boolean };
}

export function toProtocolFault(thrown: unknown, log: Log): ProtocolFault {
  const error = toAppError(thrown, 'a resource');
  if (error.code === 'INTERNAL') log.error('mcp.failed', error.message, { cause: error.cause });
  const { code, message, next, retry } = error.toBody();
  return { code: numberOf(error), message: redactText(message), data: { code, next, retry } };
}

function numberOf(error: AppError): number {
  if (error.code === 'ARGUMENT_INVALID' || error.code === 'SQL_REFUSED') return INVALID_PARAMS;
  return error.http === 404 || error.code === 'SQL_ERROR' ? RESOURCE_NOT_FOUND : INTERNAL_ERROR;
}

/** A list of one page has no other; pages of resources are known by their own cursors. */
export function unknownCursor(): AppError {
  return new AppError('ARGUMENT_INVALID', { faults: ['cursor: is none of this list'] });
}
