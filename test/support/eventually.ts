/**
 * Waits for a condition instead of for time.
 *
 * Polls `check` until it neither throws nor returns false; after the deadline it fails with the last reason.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: { deadlineMs?: number; everyMs?: number; what?: string } = {},
): Promise<Exclude<T, false>> {
  const { deadlineMs = 30_000, everyMs = 20, what = 'condition' } = options;
  const end = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value !== false) return value as Exclude<T, false>;
      last = 'it stayed false';
    } catch (error) {
      last = error;
    }
    if (performance.now() >= end) {
      throw new Error(`${what}: not within ${deadlineMs} ms (${last instanceof Error ? last.message : String(last)})`, {
        cause: last,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
