import { randomFor, type World } from './world.ts';

/** From the best to the worst: the lowest score of each grade. */
const grades = [
  ['AAA', 850],
  ['AA', 780],
  ['A', 700],
  ['BBB', 620],
  ['BB', 540],
  ['B', 460],
  ['C', 380],
  ['D', 1],
] as const;

/** The bank's grade and score of a person; one in ten has neither. */
export function creditOf(world: World, index: number): { creditGrade: string; creditScore: number } {
  const random = randomFor(world, 'credit', index);
  if (random.chance(0.1)) return { creditGrade: '', creditScore: 0 };
  const creditScore = Math.min(1_000, Math.max(1, Math.round(690 + 110 * random.normal())));
  return { creditGrade: grades.find(([, lowest]) => creditScore >= lowest)?.[0] ?? '', creditScore };
}
