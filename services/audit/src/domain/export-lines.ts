import type { AuditEntry } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { csvCells, csvLine } from './csv.ts';

export type ExportFormat = 'CSV' | 'JSON_LINES';

/** An entry as it is exported: what people read, and the bytes that its place in the log is proven with. */
export interface Exported {
  shown: AuditEntry;
  received: Buffer;
  /** It is about a customer whom the reader does not see: the bytes, which name the customer, are left out. */
  isWithheld: boolean;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** What stands in a line, by the names that the API has for it. */
const columns: readonly (readonly [string, (entry: Exported) => string])[] = [
  ['name', ({ shown }) => shown.name],
  ['eventTime', ({ shown }) => shown.eventTime?.toISOString() ?? ''],
  ['service', ({ shown }) => shown.service],
  ['number', ({ shown }) => String(shown.number)],
  ['actor', ({ shown }) => shown.actor],
  ['operation', ({ shown }) => shown.operation],
  ['decision', ({ shown }) => (shown.decision === Decision.UNSPECIFIED ? '' : nameOf(Decision, shown.decision))],
  ['customer', ({ shown }) => shown.customer],
  ['resource', ({ shown }) => shown.resource],
  ['reason', ({ shown }) => shown.reason],
  ['highPrivilege', ({ shown }) => String(shown.highPrivilege)],
  ['count', ({ shown }) => String(shown.count)],
  ['fields', ({ shown }) => shown.fields.map(({ name, dataClass }) => `${name}${classOf(dataClass)}`).join(' ')],
  ['onBehalfOf', ({ shown }) => shown.onBehalfOf],
  ['approval', ({ shown }) => shown.approval],
  ['jobRun', ({ shown }) => shown.jobRun],
  ['callerAddress', ({ shown }) => shown.callerAddress],
  ['peerAddress', ({ shown }) => shown.peerAddress],
  ['traceId', ({ shown }) => shown.traceId],
  ['oldValueHash', ({ shown }) => base64(shown.oldValueHash)],
  ['newValueHash', ({ shown }) => base64(shown.newValueHash)],
  ['queryHash', ({ shown }) => base64(shown.queryHash)],
  ['hasUnknownFields', ({ shown }) => String(shown.hasUnknownFields)],
  ['shard', ({ shown }) => String(shown.shard)],
  ['position', ({ shown }) => String(shown.position)],
  ['head', ({ shown }) => String(shown.head)],
  ['leaf', ({ received, isWithheld }) => (isWithheld ? '' : base64(received))],
];

const classOf = (dataClass: DataClass): string => (dataClass === DataClass.UNSPECIFIED ? '' : `:${nameOf(DataClass, dataClass)}`);

/** The name of a value; of one that this version does not know, its number. */
const nameOf = (values: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(values).find((name) => values[name] === value) ?? String(value);

const names = columns.map(([name]) => name);

/** What stands before the entries: names of columns in CSV, nothing in JSON lines. */
export const headerOf = (format: ExportFormat): string => (format === 'CSV' ? csvLine(names) : '');

/** The line of an entry, with its end. */
export function lineOf(format: ExportFormat, entry: Exported): string {
  if (format === 'CSV') return csvLine(columns.map(([, read]) => read(entry)));
  return `${JSON.stringify(Object.fromEntries(columns.map(([name, read]) => [name, read(entry)])))}\n`;
}

/** What a line says: where its entry stands in the log, and its bytes; of one that is withheld its place in the order of the file. */
export type Line = { shard: number; position: bigint; head: bigint } & ({ received: Buffer } | { withheld: string });

/** Undefined for a line that is none of an export. */
export function readLine(format: ExportFormat, line: string): Line | undefined {
  try {
    const cells = format === 'CSV' ? csvCells(line)!.map((text, at) => [names[at], text]) : Object.entries(JSON.parse(line));
    const { shard, position, head, leaf, name, eventTime } = Object.fromEntries(cells) as Record<string, string>;
    const place = { shard: Number(shard), position: BigInt(position!), head: BigInt(head!) };
    if (leaf !== '') return { ...place, received: Buffer.from(leaf!, 'base64') };
    return { ...place, withheld: `${eventTime} ${name!.slice('auditEntries/'.length)}` };
  } catch {
    return undefined;
  }
}
