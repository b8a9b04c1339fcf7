import fc from 'fast-check';
import { expect } from 'vitest';
import { answersTo, questionsOf, stretchesOf } from './random-questions.ts';

/** Asks the library and the model about random calendars, and counts how often each question was answered. Throws at the first difference. */
export function expectAgreement({
  cases,
  stretchesAnywhere,
}: {
  cases: number;
  stretchesAnywhere: number;
}): Record<string, number> {
  const stretches = stretchesOf(stretchesAnywhere);
  const answered: Record<string, number> = {};
  fc.assert(
    fc.property(questionsOf(stretches), (questions) => {
      for (const [question, { library, model }] of Object.entries(answersTo(stretches[questions.stretch]!, questions))) {
        expect(library, question).toEqual(model);
        answered[question] = (answered[question] ?? 0) + 1;
      }
    }),
    { numRuns: cases },
  );
  return answered;
}
