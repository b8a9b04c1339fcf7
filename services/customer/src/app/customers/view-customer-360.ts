import { civilDate, notFound, parseName } from '@bankcrm/kernel';
import type { Customer360, FieldSource, ViewCustomer360Request } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { shownPanel } from '../../domain/panels.ts';
import { type Position, panoramaOf } from '../../domain/panorama.ts';
import { holdingOf } from '../../store/holding-row.ts';
import { interactionOf } from '../../store/interaction-row.ts';
import { customerOf, type ProfileRow } from '../../store/profile-row.ts';
import { timelineItemOf } from '../../store/timeline-row.ts';
import { transactionOf } from '../../store/transaction-row.ts';
import { type PositionRow, readView360 } from '../../store/view-360.ts';
import { actOn, callerParameters, viewParameters } from '../acts.ts';
import { type CustomerDeps, financialsPermission } from '../deps.ts';

const mostHoldings = 200;

/** Everything about one customer, read, masked by permission and recorded in one round trip to the database. Throws NOT_FOUND. */
export const viewCustomer360 =
  (deps: CustomerDeps) =>
  async (request: ViewCustomer360Request, call: Call): Promise<Customer360> => {
    const { permissions } = callingStaff(call);
    const customerId = parseName('customers/*', request.name, 'name')[0]!;
    const now = deps.clock.now();
    const today = civilDate(now, deps.timeZone);
    const financials = permissions.has(financialsPermission);
    const interactions = permissions.has('customer.interactions.list');

    const row = await readView360(
      deps.requests,
      callerParameters(call),
      { customerId, today, bankCurrency: deps.bankCurrency, financials, interactions, permissions: [...permissions] },
      viewParameters(actOn(customerId, call, deps, now)),
    );
    if (!row) throw notFound();

    const name = `customers/${customerId}`;
    return {
      customer: customerOf(row.profile, { financials, today }),
      holdings: row.holdings.slice(0, mostHoldings).map((holding) => holdingOf(holding, name, financials)),
      holdingsTruncated: row.holdings.length > mostHoldings,
      panorama: financials ? panoramaOf(row.positions.map(positionOf), deps.bankCurrency) : undefined,
      recentTransactions: row.transactions.map((transaction) => transactionOf(transaction, name)),
      recentInteractions: row.interactions.map((interaction) => interactionOf(interaction, name)),
      timeline: row.timeline.map((item) => timelineItemOf(item, name)),
      fieldSources: fieldSourcesOf(row.profile),
      panels: row.panels.map((panel) =>
        shownPanel(CustomerPanel.decode(Buffer.from(panel, 'base64')), { permissions, financials }),
      ),
      dataAsOf: row.data_as_of ?? undefined,
    };
  };

const positionOf = (row: PositionRow): Position => ({
  kind: row.kind,
  currencyCode: row.currency_code,
  balanceMinor: BigInt(row.balance_minor),
  holdings: row.holdings,
  rate: row.rate ?? undefined,
  rateDate: row.rate_date ?? undefined,
});

const fieldSourcesOf = ({ field_sources: sources }: ProfileRow): FieldSource[] =>
  Object.entries(sources).map(([field, { source, time, conflicting }]) => ({
    field,
    source,
    sourceTime: time === null ? undefined : new Date(time),
    conflicting,
  }));
