import { inTransaction, nobody, type Tx } from '@bankcrm/database';
import type { Log } from '@bankcrm/service';
import type pg from 'pg';

/** Rows of one kind that hold what was derived from a sealed or stored value by rules that may change. */
export interface Renewal {
  name: string;
  /**
   * Renews some of the rows that stand in an older form, those after an id first, in the order of their ids; skips what others have locked. Gives the last id
   * looked at, undefined where there was none.
   */
  renew(tx: Tx, afterId: string): Promise<{ lastId: string | undefined; renewed: number; broken: number }>;
}

const beforeAll = '00000000-0000-0000-0000-000000000000';

/**
 * Brings rows of older forms to the current one, one bounded transaction a turn; true when there may be more. What is done stays done wherever it is
 * killed, and replicas share the rows. Rows that do not open keep their form and are told of once a round. When all is current, a turn is one
 * look into an empty index.
 */
export function renewForms(workers: pg.Pool, renewals: readonly Renewal[], log: Pick<Log, 'info' | 'warn'>) {
  const rounds = renewals.map((renewal) => ({ renewal, afterId: beforeAll, renewed: 0, broken: 0 }));
  return async (): Promise<boolean> => {
    let more = false;
    for (const round of rounds) {
      const { name } = round.renewal;
      const turn = await inTransaction(workers, nobody, (tx) => round.renewal.renew(tx, round.afterId));
      round.renewed += turn.renewed;
      round.broken += turn.broken;
      if (turn.lastId !== undefined) {
        round.afterId = turn.lastId;
        more = true;
        continue;
      }
      // Another round for what others had locked, unless this one found nothing that could be done.
      more ||= round.renewed > 0;
      if (round.renewed > 0) log.info({ rows: name, renewed: round.renewed }, 'rows brought to their current form');
      if (round.broken > 0) log.warn({ rows: name, broken: round.broken }, 'rows that do not open keep an old form');
      Object.assign(round, { afterId: beforeAll, renewed: 0, broken: 0 });
    }
    return more;
  };
}
