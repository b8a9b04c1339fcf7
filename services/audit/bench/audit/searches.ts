import { AppError } from '@bankcrm/kernel';
import { placeOf, type Stack, signIn } from '@bankcrm/local';
import { ListAuditEntriesRequest, ListAuditEntriesResponse } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { callUnary, openChannel } from '@bankcrm/service';
import { customerNumbers, customerOf, rareOperation, rareReason } from './entries.ts';

/** How long pages of one kind took. */
export interface PageTimes {
  search: string;
  draws: number;
  medianMs: number;
  mostMs: number;
  /** The most entries that a page had. */
  entries: number;
  tooBroad: number;
}

const path = '/bankcrm.audit.v1.AuditEntries/SearchAuditEntries';
const pageSize = 50;
const deepPages = 20;
const drawsPerSearch = 40;

type Filter = (draw: number) => string;

const viewed = 'bankcrm.customer.v1.Customers/ViewCustomer360';
const between = (from: Date, to: Date): string => `event_time >= "${from.toISOString()}" AND event_time < "${to.toISOString()}"`;

/**
 * First pages through gRPC, as an administrator who reads the whole log, an officer who sees customers, and the manager of a branch of some 300 people. Staff are
 * ordered by how much they do: the first the most.
 */
export async function searchTimes(stack: Stack, staffIds: readonly string[], endTime: Date): Promise<PageTimes[]> {
  const busy = `actor = "staff/${staffIds[0]}"`;
  const rare = (draw: number): string => `actor = "staff/${staffIds.at(-1 - draw)}"`;
  const day = (daysAgo: number): Date => new Date(endTime.getTime() - daysAgo * 86_400_000);
  const customer = (draw: number): string => `customer = "customers/${customerOf((draw * 7_919) % customerNumbers)}"`;
  const officer: Record<string, Filter> = {
    'who looked at this customer': customer,
    'who looked at a customer of many views': () => `customer = "customers/${customerOf(0)}"`,
    'a customer × an operation that never was': (draw) => `${customer(draw)} AND operation = "${rareOperation}"`,
  };
  const admin: Record<string, Filter> = {
    'the whole log': () => '',
    'a busy person': () => busy,
    'a rare person': rare,
    'a frequent operation': () => `operation = "${viewed}"`,
    'a rare operation': () => `operation = "${rareOperation}"`,
    'an operation that never was': () => 'operation = "bankcrm.customer.v1.Customers/None"',
    refusals: () => 'decision = "REFUSED"',
    'a rare reason': () => `reason = "${rareReason}"`,
    'a frequent reason': () => 'reason = "CALL_BACK"',
    'high privilege': () => 'high_privilege = true',
    'identifying fields': () => 'data_class = "C2_IDENTIFYING"',
    'financial fields': () => 'data_class = "C2_FINANCIAL"',
    'a day in the middle': (draw) => between(day(60 - draw), day(59 - draw)),
    'a day in the middle of a busy person': (draw) => `${busy} AND ${between(day(60 - draw), day(59 - draw))}`,
    'a day in the middle of a rare operation': (draw) =>
      `operation = "${rareOperation}" AND ${between(day(60 - draw), day(59 - draw))}`,
    'a system × an operation of staff (never together)': () => `actor = "services/customer" AND operation = "${viewed}"`,
    'a busy person × a rare operation': () => `${busy} AND operation = "${rareOperation}"`,
    'a rare reason × an operation never refused so': () => `reason = "${rareReason}" AND operation = "${rareOperation}"`,
    'a frequent reason × another operation (never together)': () => `reason = "CALL_BACK" AND operation = "${viewed}"`,
    'refused × high privilege (never together)': () => 'decision = "REFUSED" AND high_privilege = true',
    'a service × an operation of another (never together)': () => `service = "quota" AND operation = "${viewed}"`,
    'identifying × financial fields (never together)': () => 'data_class = "C2_IDENTIFYING" AND data_class = "C2_FINANCIAL"',
  };
  const manager: Record<string, Filter> = {
    'the people of a branch': () => '',
    'the people of a branch, high privilege': () => 'high_privilege = true',
    'the people of a branch, a rare operation': () => `operation = "${rareOperation}"`,
    'the people of a branch, a rare reason': () => `reason = "${rareReason}"`,
    'the people of a branch, a day in the middle': (draw) => between(day(60 - draw), day(59 - draw)),
  };
  const times: PageTimes[] = [];
  const channel = openChannel(placeOf(stack, 'audit').address);
  try {
    for (const [role, searches] of Object.entries({ compliance: officer, admin, 'branch-manager': manager })) {
      const login = stack.staff.find(
        ({ roles, orgUnits }) => roles.includes(role) && (role !== 'branch-manager' || orgUnits.includes('SH')),
      )!;
      for (const [search, filterOf] of Object.entries(searches)) {
        const token = await signIn(stack, login.staffNumber);
        times.push(await timesOf(search, drawsPerSearch, (draw) => page(channel, token, filterOf(draw))));
      }
      const token = await signIn(stack, login.staffNumber);
      times.push(await timesOf(`${role}: page ${deepPages} of all`, 5, () => deepPage(channel, token)));
    }
  } finally {
    channel.close();
  }
  return times;
}

interface Page {
  ms: number;
  /** Undefined where the service said that the search is too broad. */
  reply: ListAuditEntriesResponse | undefined;
}

async function timesOf(search: string, draws: number, draw: (draw: number) => Promise<Page>): Promise<PageTimes> {
  const pages: Page[] = [];
  for (let n = 0; n < draws; n += 1) pages.push(await draw(n));
  const sorted = pages.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    search,
    draws,
    medianMs: Math.round(sorted[sorted.length >> 1]!),
    mostMs: Math.round(sorted.at(-1)!),
    entries: Math.max(...pages.map(({ reply }) => reply?.entries.length ?? 0)),
    tooBroad: pages.filter(({ reply }) => reply === undefined).length,
  };
}

async function page(channel: ReturnType<typeof openChannel>, token: string, filter: string, pageToken = ''): Promise<Page> {
  const request = ListAuditEntriesRequest.encode({ filter, pageSize, pageToken }).finish();
  const start = performance.now();
  try {
    const reply = await callUnary(channel, path, request, { token, deadlineMs: 20_000 });
    return { ms: performance.now() - start, reply: ListAuditEntriesResponse.decode(reply) };
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== 'SEARCH_TOO_BROAD') throw error;
    return { ms: performance.now() - start, reply: undefined };
  }
}

async function deepPage(channel: ReturnType<typeof openChannel>, token: string): Promise<Page> {
  let last = await page(channel, token, '');
  for (let n = 1; n < deepPages && last.reply?.nextPageToken; n += 1)
    last = await page(channel, token, '', last.reply.nextPageToken);
  return last;
}
