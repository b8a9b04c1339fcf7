import type { StaffCaller } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { civilDate } from '@bankcrm/kernel';
import type { SearchCustomersRequest, SearchCustomersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, pageSizeOf } from '@bankcrm/service';
import type { LookedUp } from '../../domain/look-up-shapes.ts';
import { type SearchMeanings, searchMeanings } from '../../domain/name-query.ts';
import { findByNumber, findOthers, findPersonal, isWide, type Match, readSummaries } from '../../store/customer-search.ts';
import { summaryOf } from '../../store/summary-row.ts';
import { actOn, queryHash, recordAct, recordList } from '../acts.ts';
import { asCaller, type CustomerDeps, callingStaff, financialsPermission } from '../deps.ts';
import { beginLookUp, foundNobody, foundSomebody } from './look-ups.ts';

const mostPerPage = 50;
const usualPerPage = 20;

/** A match and the step it was found in; only matches by name can be gone on from. */
interface Found extends Match {
  step: number;
  position: readonly string[];
}

/**
 * Customers of the scope by what was typed: complete numbers first, then the caller's own customers by name, then others, whole matches
 * before beginnings. What was typed is neither logged nor recorded but as a keyed hash; look-ups by complete identifiers are counted and limited, and whoever
 * was found by a number has it in the own history.
 */
export const searchCustomers =
  (deps: CustomerDeps) =>
  async (request: SearchCustomersRequest, call: Call): Promise<SearchCustomersResponse> => {
    const caller = callingStaff(call);
    const pageSize = pageSizeOf(request.pageSize, mostPerPage, usualPerPage);
    const meanings = searchMeanings(request.query);
    const query = [call.operation, caller.staffId, request.query, String(request.includeClosed)];
    const after = deps.pages.read(query, request.pageToken);
    const asked = [request.query, String(request.includeClosed)];
    const hash = queryHash(deps, asked);
    call.asksFor(hash);
    const numbers = numbersOf(meanings);
    const lookUp =
      numbers.length > 0 && !after ? await beginLookUp(call, deps, { numbers, queryHash: hash, atCounter: false }) : undefined;

    const now = deps.clock.now();
    const { found, summaries } = await asCaller(deps, call, async (tx) => {
      const matches = await searchSteps(tx, deps, caller, meanings, request.includeClosed, after, pageSize + 1);
      const rows = await readSummaries(
        tx,
        matches.slice(0, pageSize).map(({ customerId }) => customerId),
      );
      await recordList(tx, call, deps, asked, rows.length);
      const byNumber = matches.slice(0, pageSize).filter(({ step }) => step === 0);
      if (lookUp && byNumber.length > 0) await foundSomebody(tx, lookUp.lookUpId);
      await recordAct(
        tx,
        ...byNumber.map(({ customerId, matchedBy }) =>
          actOn(customerId, call, deps, now, { reason: matchedBy, queryHash: hash }),
        ),
      );
      return { found: matches, summaries: rows };
    });

    const shown = found.slice(0, pageSize);
    if (lookUp && !shown.some(({ step }) => step === 0)) await foundNobody(call, deps, lookUp);
    const last = found.length > pageSize ? shown.at(-1) : undefined;
    const options = {
      financials: caller.permissions.has(financialsPermission),
      bankCurrency: deps.bankCurrency,
      today: civilDate(now, deps.timeZone),
    };
    return {
      customers: summaries.map((row) => summaryOf(row, options)),
      matchedBy: [...new Set(shown.map(({ matchedBy }) => matchedBy))],
      nextPageToken: last ? deps.pages.issue(query, [String(last.step), ...last.position]) : '',
    };
  };

/**
 * The steps of a search in their order, from where the last page ended until there are enough.
 */
async function searchSteps(
  tx: Tx,
  deps: CustomerDeps,
  caller: StaffCaller,
  meanings: SearchMeanings,
  includeClosed: boolean,
  after: readonly (string | null)[] | undefined,
  limit: number,
): Promise<Found[]> {
  const { names } = meanings;
  const wide = isWide(caller);
  type Step = (
    position: readonly (string | null)[] | undefined,
    room: number,
  ) => Promise<(Match & { position?: readonly string[] })[]>;
  const steps: Step[] = [
    async (position) => {
      const shown = Number(position?.[0] ?? 0);
      const matches = await findByNumber(tx, meanings, indexesOf(meanings, deps), includeClosed);
      return matches.slice(shown).map((match, index) => ({ ...match, position: [String(shown + index + 1)] }));
    },
    (position, room) => findPersonal(tx, names, { onlyOwn: wide, includeClosed }, position, room),
    ...(wide ? [true, false] : []).flatMap((exact) =>
      names.map(
        (name): Step =>
          (position, room) =>
            findOthers(tx, name, { exact, includeClosed }, position, room),
      ),
    ),
  ];
  const found = new Map<string, Found>();
  const first = after ? Number(after[0]) : 0;
  for (let step = first; step < steps.length && found.size < limit; step += 1) {
    if (step > 0 && names.length === 0) break;
    const position = after && step === first ? after.slice(1) : undefined;
    for (const match of await steps[step]!(position, limit - found.size)) {
      if (!found.has(match.customerId)) found.set(match.customerId, { ...match, step, position: match.position ?? [] });
    }
  }
  return [...found.values()];
}

/** What a number is counted as: in the form in which it was typed. */
const numbersOf = ({ idNumbers: [idNumber], phones: [phone], account }: SearchMeanings): LookedUp[] => [
  ...(idNumber === undefined ? [] : [{ kind: 'id-number' as const, number: idNumber }]),
  ...(phone === undefined ? [] : [{ kind: 'phone' as const, number: phone }]),
  ...(account === undefined ? [] : [{ kind: 'account' as const, number: account }]),
];

const indexesOf = ({ idNumbers, phones, account }: SearchMeanings, { index }: Pick<CustomerDeps, 'index'>) => ({
  values: [
    ...idNumbers.flatMap((number) => index.candidates('id-number', number)),
    ...phones.flatMap((phone) => index.candidates('phone', phone)),
  ],
  accounts: account === undefined ? [] : index.candidates('account', account),
});
