import {
  CountCustomersResponse,
  type Customer,
  Customer360,
  Customer as CustomerCodec,
  type CustomerSummary,
  Interaction,
  ListCustomersResponse,
  ListTransactionsResponse,
  SearchCustomersResponse,
  type Transaction,
} from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { type Codec, type Person, read } from './client.ts';

const area = 'bankcrm.customer.v1';
type Query = Record<string, string | number>;

/** Every page of a list, in order. A page that repeats a token ends in an error, not in a loop. */
export async function pages<T extends { nextPageToken: string }>(
  person: Person,
  path: string,
  type: string,
  codec: Codec<T>,
  query: Query = {},
): Promise<T[]> {
  const found: T[] = [];
  const tokens = new Set<string>();
  let pageToken = '';
  do {
    const page = read(type, codec, await person.get(path, { ...query, ...(pageToken === '' ? {} : { pageToken }) }));
    found.push(page);
    pageToken = page.nextPageToken;
    if (tokens.has(pageToken)) throw new Error(`${path} gave the same page token twice`);
    tokens.add(pageToken);
  } while (pageToken !== '');
  return found;
}

export async function listCustomers(person: Person, query: Query = {}): Promise<CustomerSummary[]> {
  const all = await pages(person, '/v1/customers', `${area}.ListCustomersResponse`, ListCustomersResponse, {
    pageSize: 200,
    ...query,
  });
  return all.flatMap((page) => page.customers);
}

export async function countCustomers(person: Person, filter = ''): Promise<number> {
  const reply = await person.get('/v1/customers:count', filter === '' ? {} : { filter });
  return Number(read(`${area}.CountCustomersResponse`, CountCustomersResponse, reply).count);
}

export const search = async (person: Person, query: string, more: object = {}): Promise<SearchCustomersResponse> =>
  read(
    `${area}.SearchCustomersResponse`,
    SearchCustomersResponse,
    await person.post('/v1/customers:search', { query, pageSize: 50, ...more }),
  );

export const view360 = async (person: Person, name: string): Promise<Customer360> =>
  read(`${area}.Customer360`, Customer360, await person.get(`/v1/${name}:view360`));

export const getCustomer = async (person: Person, name: string): Promise<Customer> =>
  read(`${area}.Customer`, CustomerCodec, await person.get(`/v1/${name}`));

export async function listTransactions(person: Person, name: string, query: Query = {}): Promise<Transaction[]> {
  const path = `/v1/${name}/transactions`;
  const all = await pages(person, path, `${area}.ListTransactionsResponse`, ListTransactionsResponse, {
    pageSize: 200,
    ...query,
  });
  return all.flatMap((page) => page.transactions);
}

export const recordInteraction = async (person: Person, name: string, interaction: object): Promise<Interaction> =>
  read(`${area}.Interaction`, Interaction, await person.post(`/v1/${name}/interactions`, interaction));

/** The customer that somebody finds by its number in the core; exactly one, or the test fails. */
export async function customerByNumber(person: Person, number: string): Promise<CustomerSummary> {
  const { customers } = await search(person, number);
  const [only] = customers;
  if (!only || customers.length > 1) throw new Error(`${customers.length} customers were found by number ${number}`);
  return only;
}
