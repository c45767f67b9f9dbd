/** A test that proves sentences of the specification: named by their ids, failing with the sentences and where they stand. */
import { test } from 'vitest';
import { addressOf, REQUIREMENTS, type RequirementId } from './requirements.ts';

export function verifies(ids: readonly RequirementId[], promise: string, run: () => Promise<void>): void {
  test(`${ids.join(', ')}: ${promise}`, async () => {
    try {
      await run();
    } catch (error) {
      const sentences = ids.map((id) => `${REQUIREMENTS[id].says} (${addressOf(id)})`).join('\n');
      if (error instanceof Error) error.message += `\nThe specification: ${sentences}`;
      throw error;
    }
  });
}
