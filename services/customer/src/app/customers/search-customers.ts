import type { StaffCaller } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { civilDate } from '@bankcrm/kernel';
import type { SearchCustomersRequest, SearchCustomersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Call, callingStaff, pageSizeOf } from '@bankcrm/service';
import type { LookedUp } from '../../domain/look-up-shapes.ts';
import { isLookUp, type SearchMeanings, searchMeanings } from '../../domain/name-query.ts';
import {
  findByNumber,
  findByWords,
  findOthers,
  findPersonal,
  isWide,
  type Match,
  readSummaries,
  type WordMatches,
} from '../../store/customer-search.ts';
import { takeMissBack } from '../../store/look-up-misses.ts';
import { summaryOf } from '../../store/summary-row.ts';
import { actOn, queryHash, recordAct, recordList } from '../acts.ts';
import { asCaller, type CustomerDeps, financialsPermission } from '../deps.ts';
import { beginLookUp, foundNobody } from './look-ups.ts';

const mostPerPage = 50;
const usualPerPage = 20;

/** A match and the step it was found in; only matches by name can be gone on from. */
interface Found extends Match {
  step: number;
  position: readonly string[];
}

/** What a search has found, and where to go on although the page is not full. */
interface Search {
  found: Found[];
  unfinished: readonly string[] | undefined;
}

/**
 * Customers of the scope by what was typed: complete numbers first, then the caller's own customers by name, then others, whole matches
 * before beginnings, those before names that have all the words. What was typed is neither logged nor recorded but as a keyed hash; look-ups by complete
 * identifiers are counted and limited, and stand in the history of the customer found.
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
    const lookUp =
      isLookUp(meanings) && !after
        ? await beginLookUp(call, deps, { numbers: numbersOf(meanings), queryHash: hash, atCounter: false })
        : undefined;

    // Who is found by name only says nothing of a complete number.
    const isAnswer = ({ step }: Found): boolean => step === 0 || !meanings.isCompleteNumber;
    const now = deps.clock.now();
    const { found, unfinished, shown, summaries } = await asCaller(deps, call, async (tx) => {
      const search = await searchSteps(tx, deps, caller, meanings, request.includeClosed, after, pageSize + 1);
      const page = search.found.slice(0, pageSize);
      const rows = await readSummaries(
        tx,
        page.map(({ customerId }) => customerId),
      );
      await recordList(tx, call, deps, asked, rows.length);
      const byNumber = page.filter(({ step }) => step === 0);
      const byName = byNumber.length > 0 ? [] : page.map(({ customerId }) => customerId);
      if (lookUp && page.some(isAnswer))
        await takeMissBack(tx, lookUp.lookUpId, { searched: indexesOf(meanings, deps).values, byName });
      await recordAct(
        tx,
        ...byNumber.map(({ customerId, matchedBy }) =>
          actOn(customerId, call, deps, now, { reason: matchedBy, queryHash: hash }),
        ),
      );
      return { ...search, shown: page, summaries: rows };
    });

    if (lookUp && !shown.some(isAnswer)) await foundNobody(call, deps, lookUp);
    const last = found.length > pageSize ? shown.at(-1) : undefined;
    const next = last ? [String(last.step), ...last.position] : unfinished;
    const options = {
      financials: caller.permissions.has(financialsPermission),
      bankCurrency: deps.bankCurrency,
      today: civilDate(now, deps.timeZone),
    };
    return {
      customers: summaries.map((row) => summaryOf(row, options)),
      matchedBy: [...new Set(shown.map(({ matchedBy }) => matchedBy))],
      nextPageToken: next ? deps.pages.issue(query, next) : '',
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
): Promise<Search> {
  const { names, words } = meanings;
  const wide = isWide(caller);
  const all = (matches: WordMatches['matches']): WordMatches => ({ matches, unfinished: undefined });
  type Step = (position: readonly (string | null)[] | undefined, room: number) => Promise<WordMatches>;
  const steps: Step[] = [
    async (position) => {
      const shown = Number(position?.[0] ?? 0);
      const matches = await findByNumber(tx, meanings, indexesOf(meanings, deps), includeClosed);
      return all(matches.slice(shown).map((match, index) => ({ ...match, position: [String(shown + index + 1)] })));
    },
    async (position, room) => all(await findPersonal(tx, meanings, { onlyOwn: wide, includeClosed }, position, room)),
    ...(wide ? [true, false] : []).flatMap((exact) =>
      names.map(
        (name): Step =>
          async (position, room) =>
            all(await findOthers(tx, name, { exact, includeClosed }, position, room)),
      ),
    ),
    ...(wide && words.length > 0
      ? [((position, room) => findByWords(tx, meanings, includeClosed, position, room)) satisfies Step]
      : []),
  ];
  const found = new Map<string, Found>();
  const first = after ? Number(after[0]) : 0;
  let unfinished: Search['unfinished'];
  for (let step = first; step < steps.length && found.size < limit; step += 1) {
    const position = after && step === first ? after.slice(1) : undefined;
    const { matches, unfinished: rest } = await steps[step]!(position, limit - found.size);
    for (const match of matches) if (!found.has(match.customerId)) found.set(match.customerId, { ...match, step });
    unfinished = rest && [String(step), ...rest];
  }
  return { found: [...found.values()], unfinished };
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
