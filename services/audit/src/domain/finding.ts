/** Where in the log something is wrong. Positions are those of a shard, both ends included. */
export type Place =
  | { of: 'ANCHOR'; anchor: AnchorName; head: bigint; lastHead?: bigint; line?: string }
  | { of: 'HEAD'; head: bigint; lastHead?: bigint }
  | { of: 'BATCH'; shard: number; first: bigint; last: bigint; head: bigint | undefined }
  | { of: 'SHARD'; shard: number }
  | { of: 'ENTRIES'; shard: number; first: bigint; last: bigint; head: bigint | undefined; signTime: Date | undefined };

export type AnchorName = 'file' | 'topic';

/** Something wrong, in words for an auditor. */
export interface Finding {
  place: Place;
  what: string;
}

/** Takes a finding. */
export type Report = (finding: Finding) => void;

/** A line for people: the place, and what is wrong there. */
export const describeFinding = ({ place, what }: Finding): string => `${describePlace(place)}: ${what}`;

function describePlace(place: Place): string {
  switch (place.of) {
    case 'ANCHOR':
      return `${heads(place)} in the ${place.anchor} of heads${place.line === undefined ? '' : ` (${place.line})`}`;
    case 'HEAD':
      return `${heads(place)} in the database`;
    case 'BATCH':
      return `batch record of shard ${place.shard}, ${positions(place)}${covering(place.head)}`;
    case 'SHARD':
      return `end of shard ${place.shard}`;
    case 'ENTRIES':
      return `shard ${place.shard}, ${positions(place)}${covering(place.head, place.signTime)}`;
  }
}

const heads = ({ head, lastHead = head }: { head: bigint; lastHead?: bigint }): string =>
  head === lastHead ? `head ${head}` : `heads ${head}–${lastHead}`;

const positions = ({ first, last }: { first: bigint; last: bigint }): string =>
  first === last ? `position ${first}` : `positions ${first}–${last}`;

const covering = (head: bigint | undefined, signTime?: Date): string =>
  head === undefined ? ' (no head yet)' : ` (head ${head}${signTime ? `, signed ${signTime.toISOString()}` : ''})`;
