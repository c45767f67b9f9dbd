/**
 * What the rules want done (orders) and what they want told (notes). The supervisor turns both into deeds:
 * processes, log lines, metrics, answers. Nothing here happens by itself.
 */
import type { ExitClass } from '../../shared/exit-codes.ts';
import type { Complaint } from './incarnation.ts';

/** How an incarnation ended. `detail` is for people: `code 1`, `SIGKILL`, or what the worker said about itself. */
export interface End {
  readonly class: ExitClass;
  readonly detail: string;
  readonly code: number | undefined;
}

/** Why a worker is replaced although it runs. */
export type RolloutReason = 'reload' | 'rollback' | 'memory_soft' | 'unhealthy' | 'lifetime';

export type Order =
  | {
      readonly kind: 'fork';
      readonly slot: number;
      readonly incarnation: number;
      readonly edition: number;
      /** `own`: it stays off the service port until it is told to listen. */
      readonly listen: 'shared' | 'own';
    }
  /** It takes this slot (if it was the spare) and opens the service port. */
  | { readonly kind: 'listen'; readonly incarnation: number; readonly slot: number }
  | { readonly kind: 'unlisten'; readonly incarnation: number }
  | { readonly kind: 'drain'; readonly incarnation: number; readonly deadlineMs: number }
  | { readonly kind: 'kill'; readonly incarnation: number; readonly cause: ExitClass }
  /** SIGKILL did not end it in time (it waits for a device): it is reported and no longer waited for. */
  | { readonly kind: 'abandon'; readonly incarnation: number };

export type Note =
  | { readonly kind: 'became_ready'; readonly slot: number; readonly incarnation: number; readonly bootMs: number }
  /** It was ready before; now it takes calls. */
  | { readonly kind: 'listening'; readonly slot: number; readonly incarnation: number }
  /** The spare takes the slot of a worker that ended or hangs. */
  | { readonly kind: 'took_over'; readonly slot: number; readonly incarnation: number }
  /** More workers end than `workers.max_restarts_total` allows: starts are spaced from now on. */
  | { readonly kind: 'restart_storm'; readonly ends: number; readonly windowMs: number }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'suspected'; readonly slot: number; readonly incarnation: number; readonly silentMs: number }
  | { readonly kind: 'recovered'; readonly slot: number; readonly incarnation: number }
  /** Its health checks began to fail, or to pass again. */
  | {
      readonly kind: 'check_turned';
      readonly slot: number;
      readonly incarnation: number;
      readonly isWell: boolean;
      readonly reason: string;
    }
  | {
      readonly kind: 'ended';
      readonly slot: number;
      readonly incarnation: number;
      readonly end: End;
      readonly uptimeMs: number;
      /** A new start follows, or has already replaced it. */
      readonly restarts: boolean;
      /** Wait before that start, when it is not there yet. */
      readonly delayMs: number | undefined;
    }
  | { readonly kind: 'errored'; readonly slot: number; readonly end: End; readonly retryMs: number | undefined }
  | { readonly kind: 'slept'; readonly gapMs: number }
  | { readonly kind: 'rollout_step'; readonly why: RolloutReason; readonly edition: number; readonly text: string }
  | {
      readonly kind: 'rollout_ended';
      readonly why: RolloutReason;
      readonly edition: number;
      readonly ok: boolean;
      readonly reason: string;
      readonly tookMs: number;
    }
  /** A reload that waited was replaced by a later one; both are answered by the end of `by`. */
  | { readonly kind: 'superseded'; readonly edition: number; readonly by: number }
  | { readonly kind: 'all_ready' }
  | { readonly kind: 'start_failed'; readonly end: End; readonly complaint: Complaint | undefined }
  | { readonly kind: 'all_stopped'; readonly forced: boolean };
