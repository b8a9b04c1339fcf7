import type pg from 'pg';
import type { HoldingRow } from './holding-row.ts';
import type { InteractionRow } from './interaction-row.ts';
import type { ProfileRow } from './profile-row.ts';
import type { TimelineRow } from './timeline-row.ts';
import type { TransactionRow } from './transaction-row.ts';

export interface PositionRow {
  kind: string;
  currency_code: string;
  balance_minor: string;
  holdings: number;
  rate: string | null;
  rate_date: string | null;
}

export interface View360Row {
  profile: ProfileRow;
  /** One more than is shown, where there are more. */
  holdings: HoldingRow[];
  positions: PositionRow[];
  transactions: TransactionRow[];
  interactions: InteractionRow[];
  timeline: TimelineRow[];
  /** Encoded panels in base64. */
  panels: string[];
  data_as_of: Date | null;
}

/** One round trip: caller, read, record. Undefined for a customer the caller does not see. */
export async function readView360(
  requests: pg.Pool,
  [keys, values]: [string[], string[]],
  view: {
    customerId: string;
    today: string;
    bankCurrency: string;
    financials: boolean;
    interactions: boolean;
    permissions: readonly string[];
  },
  act: readonly unknown[],
): Promise<View360Row | undefined> {
  const { rows } = await requests.query<View360Row>({
    name: 'view-360',
    text: 'SELECT * FROM customer.view_360($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
    values: [
      keys,
      values,
      view.customerId,
      view.today,
      view.bankCurrency,
      view.financials,
      view.interactions,
      view.permissions,
      ...act,
    ],
  });
  return rows[0];
}
