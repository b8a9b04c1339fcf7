/** How far the consumers had come at some time. */
export interface Sample {
  time: Date;
  /** Messages passed since the beginning of the topic. */
  position: bigint;
}

/** Samples older than this say nothing about the pace of now. */
const windowMs = 180_000;

/** Adds a sample and drops those that are too old. */
export function withSample(samples: readonly Sample[], next: Sample): Sample[] {
  const since = next.time.getTime() - windowMs;
  return [...samples.filter(({ time }) => time.getTime() >= since), next];
}

/** When what waits will be done at the pace of the last minutes; undefined when nothing waits or nothing moves. */
export function estimatedFinish(samples: readonly Sample[], waiting: bigint, now: Date): Date | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || waiting <= 0n) return undefined;
  const elapsedMs = last.time.getTime() - first.time.getTime();
  const passed = Number(last.position - first.position);
  if (elapsedMs <= 0 || passed <= 0) return undefined;
  return new Date(now.getTime() + (Number(waiting) / passed) * elapsedMs);
}
