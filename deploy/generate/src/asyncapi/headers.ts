const text = (description: string, more: object = {}): object => ({ type: 'string', description, ...more });

const id = text('With `ce_source` it names the event; one that comes again is the same event.', { minLength: 1 });
const type = text('What the event is; each message says which it has.', { minLength: 1 });
const time = text('When it happened.', { format: 'date-time' });
const specVersion = text('Of CloudEvents.', { const: '1.0' });

/** The headers of messages, by the names of their schemas: CloudEvents 1.0, Kafka's binary mode. All values are UTF-8. */
export const headerSchemas = {
  CoreBankingHeaders: {
    type: 'object',
    description: 'What core banking sets. A message without a required one, or with an empty one, is refused (`MISSING_HEADER`).',
    required: ['ce_id', 'ce_source', 'ce_type', 'content-type'],
    properties: {
      ce_specversion: specVersion,
      ce_id: id,
      ce_source: text('The source system, after the last slash.', { minLength: 1, examples: ['/corebanking/core'] }),
      ce_type: type,
      ce_time: time,
      ce_subject: text('The id of what the event is about, in the source system.'),
      'content-type': text('How the payload is encoded. Parameters after a semicolon are not looked at.', {
        enum: ['application/protobuf', 'application/json'],
      }),
    },
  },
  BankCrmHeaders: {
    type: 'object',
    description: 'What BankCRM sets.',
    required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject', 'content-type'],
    properties: {
      ce_specversion: specVersion,
      ce_id: id,
      ce_source: text('The service.', { examples: ['/bankcrm/customer'] }),
      ce_type: type,
      ce_time: time,
      ce_subject: text('The resource that the event is about: `customers/{uuid}`.'),
      ce_sequence: text('Version of that resource after the change; absent where nothing is versioned.', { pattern: '^[0-9]+$' }),
      'content-type': text('How the payload is encoded.', { const: 'application/protobuf' }),
      bankcrm_entry_number: text('Number of an audit entry within its service, without gaps; no other message has it.', {
        pattern: '^[0-9]+$',
      }),
      traceparent: text('The trace that the event belongs to (W3C Trace Context); absent where none was open.'),
      tracestate: text('As `traceparent`.'),
    },
  },
} as const;
