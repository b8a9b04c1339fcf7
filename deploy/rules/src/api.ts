import { pathToFileURL } from 'node:url';
import { readPermissionTable } from '@bankcrm/access';
import { readManifests } from '@bankcrm/manifest';
import { declaredReasons, optionReader, readRegistry } from '@bankcrm/proto/descriptors';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type DescField, type DescMessage, type DescMethod, ScalarType } from '@bufbuild/protobuf';
import { readComments } from '../../../services/gateway/src/app/openapi/comments.ts';
import { inChinese } from '../../../services/gateway/src/domain/descriptions.ts';
import { edgeReasons } from '../../../services/gateway/src/domain/messages.ts';
import type { Rules } from './rule.ts';
import { thrownDescriptions } from './thrown-descriptions.ts';
import { thrownReasons } from './thrown-reasons.ts';

/** What the protos of a tree say. */
function apiOf(root: string) {
  const registry = readRegistry(pathToFileURL(`${root}/proto/`));
  const option = <Value>(name: string) => optionReader<Value>(name, registry);
  const ours = [...registry].filter(({ typeName }) => typeName.startsWith('bankcrm.') || typeName.startsWith('corebanking.'));
  const messages = ours.filter((type): type is DescMessage => type.kind === 'message');
  const http = option<{ pattern: { value: unknown } }>('google.api.http');
  return {
    registry,
    messages,
    methods: ours.flatMap((type) => (type.kind === 'service' ? type.methods : [])),
    /** Fields that hold a value themselves: a message of ours has classes on its own fields, but an amount is one value. */
    fields: messages
      .filter(({ typeName }) => !typeName.startsWith('bankcrm.options.'))
      .flatMap((message) => message.fields)
      .filter(({ message }) => !message || message.typeName.startsWith('google.') || message.typeName.endsWith('.Amount')),
    policy: option<{ permission: string; audit: boolean; serviceOnly: boolean; linkToken: boolean }>('bankcrm.options.v1.policy'),
    dataClass: option<number>('bankcrm.options.v1.data_class'),
    showsCustomer: option<boolean>('bankcrm.options.v1.shows_customer'),
    event: option<{ topic: string; key: string }>('bankcrm.options.v1.event'),
    deadlineMs: option<number>('bankcrm.options.v1.deadline_ms'),
    /** `/v1/{name=customers/*}`; empty where an RPC has none. */
    addressOf: (method: DescMethod): string => String(http(method)?.pattern.value ?? ''),
  };
}

/** Reasons of the protos, and those that only the HTTP edge gives. */
const reasonsOf = (root: string): { name: string; en: string; zh: string }[] => [
  ...declaredReasons(apiOf(root).registry),
  ...[...edgeReasons].map(([name, texts]) => ({ name, en: texts.en, zh: texts['zh-CN'] })),
];

/** Permissions that an RPC or an operation asks for, and those that somebody has. */
function permissionsOf(root: string): { asked: Set<string>; awaited: Set<string>; given: Set<string> } {
  const { methods, policy } = apiOf(root);
  const { extra, everyone, roles, systems } = readPermissionTable(`${root}/libs/access`);
  const asked = methods.map((method) => policy(method)?.permission ?? '').filter((permission) => permission !== '');
  const given = [...Object.values(roles), ...Object.values(systems), ...readManifests(root)].flatMap(
    ({ permissions }) => permissions,
  );
  // What only services call may stand before the service that will call it: until then nobody can.
  const awaited = methods.filter((method) => policy(method)?.serviceOnly).map((method) => policy(method)!.permission);
  return { asked: new Set([...asked, ...extra]), awaited: new Set(awaited), given: new Set([...given, ...everyone]) };
}

const operationOf = (method: DescMethod): string => `${method.parent.typeName}/${method.name}`;
const nameOf = (field: DescField): string => `${field.parent.typeName}.${field.name}`;
const factsOf = (text: string): string =>
  [...text.matchAll(/\{[a-z_]+\}/g)]
    .map(([fact]) => fact)
    .sort()
    .join();
const customersClasses: ReadonlySet<number | undefined> = new Set([DataClass.C2_IDENTIFYING, DataClass.C2_FINANCIAL]);

/** The fields of a message and of all that it may hold. */
function fieldsWithin({ typeName, fields }: DescMessage, found = new Map<string, readonly DescField[]>()): DescField[] {
  if (!found.has(typeName)) {
    found.set(typeName, fields);
    for (const { message } of fields) if (message) fieldsWithin(message, found);
  }
  return [...found.values()].flat();
}

/** The longest that a server works on a call. */
const longestDeadlineMs = 60_000;
/** Verbs that change nothing. */
const reads = /^(Get|List|Count|Summarise|Watch)/;

/** Names of fields that need no class wherever they stand. A name that could hold something about a person has no place here. */
const structural: ReadonlySet<string> = new Set(
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

export const apiRules: Rules = {
  'declares on every RPC a permission, or that a link opens it': (root) => {
    const { methods, policy } = apiOf(root);
    return methods.filter((method) => !policy(method)?.permission === !policy(method)?.linkToken).map(operationOf);
  },

  'is opened by a link where the reviewed list says so, and nowhere else': (root) => {
    const { methods, policy } = apiOf(root);
    const opened = new Set(methods.filter((method) => policy(method)?.linkToken).map(operationOf));
    const listed = new Set(readPermissionTable(`${root}/libs/access`).anonymous);
    return [...opened.symmetricDifference(listed)];
  },

  'waits for no RPC longer than its server would work on it': (root) => {
    const { methods, deadlineMs } = apiOf(root);
    return methods.filter((method) => deadlineMs(method) === 0 || (deadlineMs(method) ?? 1) > longestDeadlineMs).map(operationOf);
  },

  'asks for permissions that somebody has, and nobody has one that nothing asks for': (root) => {
    const { asked, awaited, given } = permissionsOf(root);
    return [...asked.symmetricDifference(given)].filter((permission) => !awaited.has(permission));
  },

  'audits every RPC that changes state': (root) => {
    const { methods, policy } = apiOf(root);
    return methods.filter((method) => !reads.test(method.name) && !policy(method)?.audit).map(operationOf);
  },

  'audits every RPC that shows customers, lists and counts of them included': (root) => {
    const { methods, policy, showsCustomer } = apiOf(root);
    return methods.filter((method) => showsCustomer(method) && !policy(method)?.audit).map(operationOf);
  },

  'says of every RPC that it shows customers: known by its address, or by a name or a value of theirs anywhere in its answer':
    async (root) => {
      const { methods, dataClass, showsCustomer, addressOf } = apiOf(root);
      const comments = await readComments(root);
      const tells = (field: DescField): boolean =>
        customersClasses.has(dataClass(field)) ||
        /^customers?$/.test(field.name) ||
        /`customers\//.test(comments.get(nameOf(field)) ?? '');
      return methods
        .filter(({ output }) => output.fields.length > 0)
        .filter((method) => /\bcustomers\b/.test(addressOf(method)) || fieldsWithin(method.output).some(tells))
        .filter((method) => !showsCustomer(method))
        .map(operationOf);
    },

  'has a text for every reason that the code gives, and none that it does not': (root) => {
    const told = new Set(reasonsOf(root).map(({ name }) => name));
    return [...told.symmetricDifference(new Set(thrownReasons(root).keys()))];
  },

  'has Chinese for everything that the code says of a field': (root) =>
    [...thrownDescriptions(root)]
      .filter(([description]) => inChinese(description) === undefined)
      .map(([description, file]) => `${file}: ${description}`),

  'says each reason once, in both languages, with the same facts': (root) => {
    const seen = new Set<string>();
    return reasonsOf(root)
      .filter(({ name, en, zh }) => {
        const again = seen.has(name);
        seen.add(name);
        const wellFormed = /^[A-Z][A-Z0-9_]{0,62}$/.test(name) && /^[A-Z]/.test(en) && /\p{Script=Han}/u.test(zh);
        return again || !wellFormed || factsOf(zh) !== factsOf(en);
      })
      .map(({ name }) => name);
  },

  'publishes every event on a topic of its area, in the order of a text that it has': (root) => {
    const { messages, event } = apiOf(root);
    return messages
      .filter((type) => {
        const published = event(type);
        if (!published) return false;
        const key = type.fields.find(({ name }) => name === published.key);
        const hasKey = published.key === '' || key?.scalar === ScalarType.STRING;
        return !hasKey || !published.topic.startsWith(`${type.file.proto.package}.`);
      })
      .map(({ typeName }) => typeName);
  },

  'gives every field a data class, but for those that tell nothing of anybody': (root) => {
    const { fields, dataClass } = apiOf(root);
    const unclassed = fields.filter((field) => dataClass(field) === undefined);
    const unused = structural.difference(new Set(unclassed.map(({ name }) => name)));
    return [...unclassed.filter(({ name }) => !structural.has(name)).map(nameOf), ...unused];
  },

  'gives every amount the class of financial data': (root) => {
    const { fields, dataClass } = apiOf(root);
    return fields
      .filter(({ message }) => message && /\.(Money|Amount)$/.test(message.typeName))
      .filter((field) => dataClass(field) !== DataClass.C2_FINANCIAL)
      .map(nameOf);
  },
};
