/**
 * Waits for a fact: runs the check again until it no longer throws, and gives what it returns. When the time is up it throws
 * what the check threw last, so that a failure says what was missing.
 */
export async function eventually<T>(check: () => T | Promise<T>, { timeoutMs = 10_000, everyMs = 25 } = {}): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
