import { permissionTable, systemPermissions } from '@bankcrm/access';
import { declaredReasons, optionReader, registry } from '@bankcrm/proto/descriptors';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type DescField, type DescMessage, type DescMethod, ScalarType } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { edgeReasons } from '../../../services/gateway/src/domain/messages.ts';
import { readComments } from '../../../services/gateway/src/openapi/comments.ts';
import { thrownReasons } from '../src/thrown-reasons.ts';

const policy = optionReader<{ permission: string; audit: boolean; linkToken: boolean }>('bankcrm.options.v1.policy');
const dataClass = optionReader<number>('bankcrm.options.v1.data_class');
const showsCustomer = optionReader<boolean>('bankcrm.options.v1.shows_customer');
const http = optionReader<{ pattern: { value: unknown } }>('google.api.http');
const event = optionReader<{ topic: string; key: string }>('bankcrm.options.v1.event');
const deadlineMs = optionReader<number>('bankcrm.options.v1.deadline_ms');

const ours = [...registry].filter((type) => type.typeName.startsWith('bankcrm.') || type.typeName.startsWith('corebanking.'));
const methods = ours.flatMap((type) => (type.kind === 'service' ? type.methods : []));

/** Fields that hold a value themselves: a message of ours has classes on its own fields, but an amount is one value. */
const fields = ours
  .filter((type): type is DescMessage => type.kind === 'message' && !type.typeName.startsWith('bankcrm.options.'))
  .flatMap((message) => message.fields)
  .filter(({ message }) => !message || message.typeName.startsWith('google.') || message.typeName.endsWith('.Amount'));

/** Those of the protos, and those that only the HTTP edge gives. */
const reasons = [...declaredReasons(), ...[...edgeReasons].map(([name, texts]) => ({ name, en: texts.en, zh: texts['zh-CN'] }))];

const nameOf = (field: DescField): string => `${field.parent.typeName}.${field.name}`;
/** `/v1/{name=customers/*}`; empty where an RPC has none. */
const addressOf = (method: DescMethod): string => String(http(method)?.pattern.value ?? '');
const customersClasses: ReadonlySet<number | undefined> = new Set([DataClass.C2_IDENTIFYING, DataClass.C2_FINANCIAL]);

/** The fields of a message and of all that it may hold. */
function fieldsWithin({ typeName, fields }: DescMessage, found = new Map<string, readonly DescField[]>()): DescField[] {
  if (!found.has(typeName)) {
    found.set(typeName, fields);
    for (const { message } of fields) if (message) fieldsWithin(message, found);
  }
  return [...found.values()].flat();
}

const operationOf = (method: DescMethod): string => `${method.parent.typeName}/${method.name}`;

/** Names of fields that need no class wherever they stand. A name that could hold something about a person has no place here. */
const structural = new Set(
  [
    // Names and ids of resources and acts.
    'name parent customer holding linked_holding interaction resource staff rm actor org_unit destination_parent',
    'org_unit_id parent_id staff_id entry_id command_id control_id trace_id',
    // Names of fields and of what the platform is made of.
    'field fields changed_fields label_zh label_en panel class service operation permission permissions customer_scope',
    'built_in source source_system topic topics partition offset',
    // What lists, writes and retries need.
    'page_size page_token next_page_token filter order_by include_closed etag request_id',
    // The order of versions and when they were made or sent.
    'version revision from_revision sequence repair create_time update_time change_time event_time source_time send_time',
    'request_time data_as_of',
    // How the stream and its letters stand.
    'count applied applied_messages still_waiting discarded dead_letters lag_messages lag_unknown lag_seconds last_apply_time',
    'estimated_finish_time paused stop_time receive_time first_receive_time last_receive_time corrected size_bytes cut_time',
    'checksum reconciled holdings_truncated',
  ].flatMap((names) => names.split(' ')),
);

describe('the API', () => {
  it('declares on every RPC a permission, or, for those of the reviewed list, that a link opens it', () => {
    expect(methods.length).toBeGreaterThan(30);
    const byLink = methods.filter((method) => policy(method)?.linkToken);
    expect(byLink.map(operationOf).sort()).toEqual(permissionTable.anonymous.toSorted());
    expect(methods.filter((method) => !policy(method)?.permission === !policy(method)?.linkToken).map(operationOf)).toEqual([]);
  });

  it('waits for no RPC longer than its server would work on it', () => {
    const longest = 60_000;
    const declared = methods.filter((method) => deadlineMs(method) !== undefined);
    expect(declared.length).toBeGreaterThan(0);
    expect(declared.filter((method) => deadlineMs(method)! > longest || deadlineMs(method) === 0).map(operationOf)).toEqual([]);
  });

  it('names only permissions that somebody has, and the table names only permissions that are asked for', () => {
    const asked = new Set(methods.map((method) => policy(method)!.permission).filter((permission) => permission !== ''));
    const given = new Set([
      ...permissionTable.everyone,
      ...Object.values(permissionTable.roles).flatMap((role) => role.permissions),
      ...[...systemPermissions.values()].flat(),
    ]);
    for (const permission of permissionTable.extra) asked.add(permission);
    expect([...asked].filter((permission) => !given.has(permission))).toEqual([]);
    expect([...given].filter((permission) => !asked.has(permission))).toEqual([]);
  });

  it('audits every RPC that changes state', () => {
    const reads = /^(Get|List|Count|Summarise|Watch)/;
    expect(methods.filter((method) => !reads.test(method.name) && !policy(method)!.audit).map(operationOf)).toEqual([]);
  });

  it('audits every RPC that shows customers, lists and counts of them included', () => {
    const showing = methods.filter((method) => showsCustomer(method));
    expect(showing.length).toBeGreaterThan(15);
    expect(showing.filter((method) => !policy(method)!.audit).map(operationOf)).toEqual([]);
  });

  it('knows of every RPC that shows customers: by its address, or by a name or a value of theirs anywhere in its answer', async () => {
    const comments = await readComments();
    const tells = (field: DescField): boolean =>
      customersClasses.has(dataClass(field)) ||
      /^customers?$/.test(field.name) ||
      /`customers\//.test(comments.get(nameOf(field)) ?? '');
    const silent = methods
      .filter(({ output }) => output.fields.length > 0)
      .filter((method) => /\bcustomers\b/.test(addressOf(method)) || fieldsWithin(method.output).some(tells))
      .filter((method) => !showsCustomer(method));
    expect(silent.map(operationOf)).toEqual([]);
  });

  it('has a text for every reason that the code gives, and none that it does not', () => {
    const thrown = thrownReasons();
    expect(thrown.size).toBeGreaterThan(80);
    const told = new Set(reasons.map(({ name }) => name));
    expect([...thrown].filter(([name]) => !told.has(name))).toEqual([]);
    expect([...told].filter((name) => !thrown.has(name))).toEqual([]);
  });

  it('says each reason once, in both languages, with the same facts', () => {
    const names = reasons.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const facts = (text: string): string[] => [...text.matchAll(/\{[a-z_]+\}/g)].map(([fact]) => fact).sort();
    for (const { name, en, zh } of reasons) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]{0,62}$/);
      expect(en, name).toMatch(/^[A-Z]/);
      expect(zh, name).toMatch(/\p{Script=Han}/u);
      expect(facts(zh), name).toEqual(facts(en));
    }
  });

  it('publishes every event on a topic of its area, in the order of a field that it has', () => {
    const events = ours.flatMap((type) => (type.kind === 'message' && event(type) ? [{ type, ...event(type)! }] : []));
    expect(events.length).toBeGreaterThan(4);
    for (const { type, topic, key } of events) {
      expect(topic.startsWith(`${type.file.proto.package}.`), type.typeName).toBe(true);
      if (key !== '') expect(type.fields.find(({ name }) => name === key)?.scalar, type.typeName).toBe(ScalarType.STRING);
    }
  });

  it('gives every field a data class, but for those that tell nothing of anybody', () => {
    const unclassed = fields.filter((field) => !structural.has(field.name) && dataClass(field) === undefined);
    expect(unclassed.map(nameOf)).toEqual([]);
    const used = new Set(fields.filter((field) => dataClass(field) === undefined).map(({ name }) => name));
    expect([...structural].filter((name) => !used.has(name))).toEqual([]);
  });

  it('gives every amount the class of financial data', () => {
    const amounts = fields.filter(({ message }) => message && /\.(Money|Amount)$/.test(message.typeName));
    expect(amounts.length).toBeGreaterThan(20);
    expect(amounts.filter((field) => dataClass(field) !== DataClass.C2_FINANCIAL).map(nameOf)).toEqual([]);
  });
});
