/** The form of one line in the tables of errors. */
import type { ExitCode } from './exit-codes.ts';

export interface ErrorEntry<Details> {
  readonly http: number;
  readonly retry: boolean;
  readonly exit?: ExitCode;
  readonly next: string;
  readonly text: (details: Details) => string;
}

export const entry = <Details>(value: ErrorEntry<Details>): ErrorEntry<Details> => value;
