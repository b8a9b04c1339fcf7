import specifications from '@asyncapi/specs';
import { allTopics, readContractTopics, readManifests, repositoryRoot } from '@bankcrm/manifest';
import { simulate } from '@bankcrm/simulator';
import { Ajv, type AnySchema, type Options, type ValidateFunction } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { messageOf } from '../../../../libs/events/src/outbox/rows.ts';
import { asyncApi } from './document.ts';
import { headerSchemas } from './headers.ts';

interface Message {
  name: string;
  contentType: string;
  headers: object;
  payload: { $ref: string };
}
interface Document {
  channels: Record<string, { address: string; description?: string; messages: Record<string, Message> }>;
  operations: Record<string, { action: string; channel: { $ref: string } }>;
  components: { schemas: Record<string, { properties: Record<string, object> }> };
}
const ajv = (options: Options = {}) => new Ajv({ strict: false, validateFormats: false, ...options });

/** Every `$ref` in a value. */
function* refsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if ('$ref' in value && typeof value.$ref === 'string') yield value.$ref;
  for (const inner of Object.values(value)) yield* refsIn(inner);
}

describe('the AsyncAPI document', () => {
  const manifests = readManifests();
  const topics = allTopics(manifests, readContractTopics(repositoryRoot));
  let document: Document;
  beforeAll(async () => {
    document = parse(await asyncApi(manifests, repositoryRoot));
  });

  /** What tells whether a value is as a schema of the document has it. */
  const validator = (schema: object): ValidateFunction => ajv().compile({ ...schema, components: document.components });
  const jsonMessageOf = (topic: string, name: string) => document.channels[topic]!.messages[`${name}.json`]!;

  it('is one by the official schema', () => {
    // The official schema brings draft 7 itself.
    const isAsyncApi = ajv({ meta: false, validateSchema: false }).compile(specifications.schemas['3.0.0'] as AnySchema);
    expect(isAsyncApi(document), JSON.stringify(isAsyncApi.errors?.slice(0, 5))).toBe(true);
    expect(isAsyncApi({ ...document, operations: { odd: { action: 'publish' } } })).toBe(false);
  });

  it('has every topic with what it is, once, and says who sends', () => {
    const names = topics.map(({ name }) => name).sort();
    expect(Object.values(document.channels).map(({ address }) => address)).toEqual(names);
    expect(Object.values(document.channels).filter(({ description }) => description === undefined)).toEqual([]);
    expect(Object.values(document.operations).map(({ channel }) => channel.$ref)).toEqual(
      names.map((name) => `#/channels/${name}`),
    );
    const received = topics.filter(({ owner }) => owner === 'core-banking').map(({ name }) => `receive.${name}`);
    expect(Object.keys(document.operations).filter((name) => name.startsWith('receive.'))).toEqual(received.sort());
  });

  it('refers only to what it has, and has nothing that nothing refers to', () => {
    const refs = new Set(refsIn(document));
    const parts = [
      ...Object.keys(document.channels).map((name) => `#/channels/${name}`),
      ...Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`),
    ];
    expect([...refs].sort()).toEqual(parts.sort());
  });

  it('tells the class of data of fields that are messages too, where draft 7 reads it', () => {
    expect(document.components.schemas['corebanking.v1.AccountSnapshot']?.properties.balance).toEqual({
      allOf: [{ $ref: '#/components/schemas/corebanking.v1.Amount' }],
      description: 'Funds on the account, owed amounts as positive numbers on loans and credit cards.',
      'x-data-class': 'C2_FINANCIAL',
    });
  });

  it('describes what a core bank sends in JSON: all its kinds, headers and payload', () => {
    const checks = new Map<string, { headers: ValidateFunction; payload: ValidateFunction }>();
    const wrong: unknown[] = [];
    for (const { topic, value, headers } of simulate({ customers: 20, months: 1, seed: 7, format: 'json' })) {
      if (!checks.has(topic)) {
        const [json] = Object.values(document.channels[topic]!.messages).filter((one) => one.contentType === 'application/json');
        checks.set(topic, { headers: validator(json!.headers), payload: validator(json!.payload) });
      }
      const check = checks.get(topic)!;
      if (!check.headers(headers)) wrong.push([topic, check.headers.errors]);
      if (!check.payload(JSON.parse(value.toString()))) wrong.push([topic, check.payload.errors]);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(checks.size).toBe(6);
  });

  it('takes 64-bit whole numbers as texts and as numbers, and refuses values of another type and headers that lack one', () => {
    const { payload, headers } = jsonMessageOf('corebanking.transactions.v1', 'corebanking.v1.TransactionPosted');
    const isPosting = validator(payload);
    const posting = (minorUnits: unknown, more: object = {}) => ({
      transactionId: 'T1',
      direction: 'DIRECTION_DEBIT',
      amount: { currencyCode: 'CNY', minorUnits },
      ...more,
    });
    for (const minorUnits of ['100', 100]) expect(isPosting(posting(minorUnits)), String(minorUnits)).toBe(true);
    for (const minorUnits of [1.5, 'a hundred', true, null])
      expect(isPosting(posting(minorUnits)), String(minorUnits)).toBe(false);
    for (const more of [{ transactionId: 1 }, { direction: 'DEBIT' }, { amount: 'CNY 1.00' }, { postTime: 0 }])
      expect(isPosting(posting('100', more)), JSON.stringify(more)).toBe(false);

    const hasHeaders = validator(headers);
    const given = { ce_id: '1', ce_source: '/corebanking/core', ce_type: 'corebanking.transaction-posted.v1' };
    expect(hasHeaders({ ...given, 'content-type': 'application/json' })).toBe(true);
    expect(hasHeaders(given)).toBe(false);
    expect(hasHeaders({ ...given, 'content-type': 'application/json', ce_type: 'corebanking.rate-quoted.v1' })).toBe(false);
  });

  it('describes every header that BankCRM sets', () => {
    const row = { id: '1', type: 'corebanking.sync-requested.v1', key: 'core', payload: Buffer.alloc(0), subject: 'resyncs/1' };
    const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'bank=1' };
    const { headers } = messageOf(
      { ...row, content_type: 'application/protobuf', headers: trace, sequence: 1n, entry_number: 2n, event_time: new Date(0) },
      'customer',
    );
    const { SyncRequested } = Object.fromEntries(
      Object.values(document.channels['corebanking.sync-requests.v1']!.messages).map((one) => [one.name.split('.').at(-1), one]),
    );
    const hasHeaders = validator(SyncRequested!.headers);
    expect(hasHeaders(headers), JSON.stringify(hasHeaders.errors)).toBe(true);
    expect(Object.keys(headerSchemas.BankCrmHeaders.properties)).toEqual(expect.arrayContaining(Object.keys(headers!)));
  });

  it('says of core banking’s corrected messages and of heartbeats what they are', () => {
    const namesIn = (topic: string) => Object.values(document.channels[topic]!.messages).map(({ name }) => name);
    expect(namesIn('bankcrm.customer.v1.corrected-messages').sort()).toEqual(
      ['AccountSnapshot', 'CustomerSnapshot', 'ProductSnapshot', 'RateQuoted', 'TransactionPosted'].map(
        (name) => `corebanking.v1.${name}`,
      ),
    );
    expect(namesIn('bankcrm.customer.v1.placements').sort()).toEqual([
      'bankcrm.customer.v1.CustomerPlaced',
      'bankcrm.customer.v1.QueueStaffed',
      'bankcrm.heartbeat.v1.Heartbeat',
    ]);
    expect(namesIn('bankcrm.directory.v1.staff')).not.toContain('bankcrm.heartbeat.v1.Heartbeat');
  });
});
