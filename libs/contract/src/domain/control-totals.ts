import type { ControlTotals, RangeTotal } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { type Check, checkSourceSystem, checkText, checkTime, invalidField, maxIdLength } from './problem.ts';

/** Topics whose rows a source counts. */
export const countedTopics = ['corebanking.customers.v1', 'corebanking.accounts.v1', 'corebanking.transactions.v1'] as const;
export type CountedTopic = (typeof countedTopics)[number];

/** Most rows of a range, from the contract: one statement reads them all. */
export const maxRangeRows = 1_000_000;
/** Most ranges of a message, from the contract: more do not fit into one. */
const maxRanges = 10_000;
const sha256Bytes = 32;

/** Why control totals cannot be kept; undefined when they can. */
export function problemOfControlTotals({ sourceSystem, controlId, cutTime, ranges }: ControlTotals): Check {
  return (
    checkSourceSystem(sourceSystem) ??
    checkText(controlId, 'control_id', maxIdLength) ??
    (cutTime === undefined ? invalidField('cut_time') : checkTime(cutTime, 'cut_time')) ??
    (ranges.length === 0 || ranges.length > maxRanges ? invalidField('ranges') : undefined) ??
    problemOfRanges(ranges)
  );
}

function problemOfRanges(ranges: readonly RangeTotal[]): Check {
  for (const [index, range] of ranges.entries()) {
    const problem = problemOfRange(range, `ranges[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOfRange({ topic, fromSourceId, toSourceId, count, checksum, fromPostTime }: RangeTotal, path: string): Check {
  const isTransactions = topic === 'corebanking.transactions.v1';
  return (
    (countedTopics.some((counted) => counted === topic) ? undefined : invalidField(`${path}.topic`)) ??
    checkText(fromSourceId, `${path}.from_source_id`, maxIdLength) ??
    checkText(toSourceId, `${path}.to_source_id`, maxIdLength) ??
    (toSourceId === '' || isBefore(fromSourceId, toSourceId) ? undefined : invalidField(`${path}.to_source_id`)) ??
    (count >= 0n && count <= maxRangeRows ? undefined : invalidField(`${path}.count`)) ??
    (checksum.length === sha256Bytes ? undefined : invalidField(`${path}.checksum`)) ??
    (fromPostTime === undefined || isTransactions ? undefined : invalidField(`${path}.from_post_time`)) ??
    checkTime(fromPostTime, `${path}.from_post_time`)
  );
}

/** By bytes, as PostgreSQL compares under the collation "C": UTF-16 would put characters beyond the BMP elsewhere. */
const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
