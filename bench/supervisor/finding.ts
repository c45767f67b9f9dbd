/** One row of the table: what was measured on both sides, their ratio, and whether the target is met. */
export interface Finding {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly target: string;
  /** Undefined where there is no target. */
  readonly isMet?: boolean;
}
