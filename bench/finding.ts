/** One row of a table of results: what was measured on both sides, their ratio, and whether the target is met. */
export interface Finding {
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  readonly ratio: string;
  readonly target: string;
  /** Undefined where there is no target. */
  readonly isMet?: boolean;
}

export const FINDING_HEAD = ['what', 'ours', 'theirs', 'ratio', 'target', ''] as const;

export function findingCells({ what, ours, theirs, ratio, target, isMet }: Finding): string[] {
  return [what, ours, theirs, ratio, target, isMet === undefined ? '' : isMet ? 'met' : 'MISSED'];
}
