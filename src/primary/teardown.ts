/**
 * Takes down what was put up, in reverse order, whatever fails on the way. A part that does not end in time is named
 * and left behind.
 */
const PART_WAIT_MS = 5000;

export interface Teardown {
  /** Remembers how to undo what was just done. */
  add(name: string, undo: () => void | Promise<void>): void;
  /** Undoes everything once; later calls find nothing to do. */
  run(): Promise<void>;
}

/** @param failed is told which part failed or did not end, and why */
export function createTeardown(failed: (name: string, reason: string) => void): Teardown {
  const parts: { name: string; undo: () => void | Promise<void> }[] = [];
  return {
    add: (name, undo) => void parts.push({ name, undo }),
    async run() {
      for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(() => reject(new Error(`not within ${PART_WAIT_MS} ms`)), PART_WAIT_MS);
        });
        try {
          await Promise.race([part.undo(), late]);
        } catch (error) {
          failed(part.name, error instanceof Error ? error.message : String(error));
        } finally {
          clearTimeout(timer);
        }
      }
    },
  };
}
