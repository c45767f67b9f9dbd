/** Takes the plain facts out of an error of snowflake-sdk; the rest of it, whole replies included, is dropped. */
import { AppError } from '../../shared/errors.ts';
import { DriverError, type DriverFault, type Stage } from './driver.ts';

interface SdkError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly sqlState?: unknown;
  readonly data?: { readonly queryId?: unknown } | null;
  readonly response?: { readonly statusCode?: unknown; readonly status?: unknown };
  readonly cause?: { readonly code?: unknown };
}

/** @param knownId the query id, where the error itself has none */
export function toDriverError(error: unknown, stage: Stage, knownId?: string): Error {
  if (error instanceof DriverError || error instanceof AppError) return error;
  const { code, message, sqlState, data, response, cause } = (error ?? {}) as SdkError;
  const queryId = typeof data?.queryId === 'string' ? data.queryId : knownId;
  const status = response?.statusCode ?? response?.status;
  const fault: DriverFault = {
    stage,
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : '',
    message: typeof message === 'string' ? message : 'no message',
    ...(typeof sqlState === 'string' ? { sqlState } : {}),
    ...(queryId === undefined ? {} : { queryId }),
    ...(typeof status === 'number' ? { httpStatus: status } : {}),
    ...(typeof cause?.code === 'string' ? { network: cause.code } : {}),
  };
  return new DriverError(fault);
}
