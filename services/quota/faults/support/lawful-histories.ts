import fc from 'fast-check';
import { play } from './history.ts';
import { expectLawful, finals } from './history-model.ts';
import { plans } from './random-approvals.ts';

/** Plays random histories, each of 20 to 40 steps, and holds them against the rules. Gives how often what happened, by name. */
export function expectLawfulHistories({ histories }: { histories: number }): Record<string, number> {
  const tally: Record<string, number> = { steps: 0 };
  const count = (name: string, by = 1) => {
    tally[name] = (tally[name] ?? 0) + by;
  };
  fc.assert(
    fc.property(plans, (plan) => {
      count('steps', plan.moves.length);
      for (const history of play(plan)) {
        count('approvals');
        for (const { what, before, decision } of history.deeds) {
          if (decision.kind === 'REFUSED') {
            count(decision.reason);
            continue;
          }
          const { progress } = decision.approval;
          count(what);
          if (finals.includes(before.progress.state) || !finals.includes(progress.state)) continue;
          count(progress.state);
          if (progress.state !== 'APPROVED') continue;
          if (progress.signatures.length > 1) count('approved by several');
          if (progress.signatures.some(({ hand, authority }) => hand !== authority)) count('approved through deputies');
        }
        expectLawful(history);
      }
    }),
    { numRuns: histories },
  );
  return tally;
}
