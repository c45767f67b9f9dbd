/** The one class of errors here and the form that leaves the process; what can go wrong is in error-table.ts. */
import type { ErrorEntry } from './error-entry.ts';
import { ERRORS } from './error-table.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

export type ErrorCode = keyof typeof ERRORS;
type DetailsOf<Code extends ErrorCode> = Parameters<(typeof ERRORS)[Code]['text']>[0];

/** The JSON form that HTTP, control socket and tools send; nothing else of an error leaves the process. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  readonly retry: boolean;
}

export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AppError';
  readonly code: Code;
  readonly details: DetailsOf<Code>;

  constructor(code: Code, details: DetailsOf<Code>, options: { cause?: unknown } = {}) {
    // The table's text takes exactly this code's details; TypeScript cannot see that through the union.
    super((ERRORS[code].text as (details: DetailsOf<Code>) => string)(details), options);
    this.code = code;
    this.details = details;
  }

  get http(): number {
    return ERRORS[this.code].http;
  }

  get exit(): ExitCode {
    return (ERRORS[this.code] as ErrorEntry<unknown>).exit ?? EXIT.failed;
  }

  toBody(): ErrorBody {
    const { next: usual, retry } = ERRORS[this.code];
    const next = withPage((this.details as { next?: string }).next, usual);
    return { code: this.code, message: this.message, next, retry };
  }
}

const PAGE = /(?:runbooks|docs)\/[\w-]+\.md/;

/** A next step for this one case names the page of its code too. */
function withPage(given: string | undefined, usual: string): string {
  if (given === undefined) return usual;
  const page = PAGE.exec(usual)?.[0];
  if (page === undefined || PAGE.test(given)) return given;
  return `${given}${/[.;!?]$/.test(given) ? '' : '.'} More: ${page}`;
}

/** Whatever was thrown as an AppError; foreign errors become INTERNAL and keep their cause for the log. */
export function toAppError(error: unknown, where: string): AppError {
  return error instanceof AppError ? error : new AppError('INTERNAL', { where }, { cause: error });
}
