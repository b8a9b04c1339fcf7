import type { z } from 'zod';

/** Reads a service's whole configuration at start. Throws one error that lists every missing or wrong variable. */
export function parseEnv<Shape extends z.ZodType>(shape: Shape, env: NodeJS.ProcessEnv): z.infer<Shape> {
  const result = shape.safeParse(env);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`the environment lacks what this service needs:\n${problems.join('\n')}`);
}
