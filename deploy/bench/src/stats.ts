export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One comparison: what was measured in each round, and the ratio of the medians beside its floor and aim. */
export interface Comparison {
  name: string;
  unit: string;
  ours: number[];
  peer: { name: string; values: number[] };
  ratio: number;
  floor: number;
  aim?: number;
}

export function compare(
  name: string,
  unit: string,
  ours: number[],
  peer: { name: string; values: number[] },
  floor: number,
  aim?: number,
): Comparison {
  const ratio = Math.round((median(ours) / median(peer.values)) * 100) / 100;
  return { name, unit, ours, peer, ratio, floor, ...(aim === undefined ? {} : { aim }) };
}

/** The comparisons as a table for people; the same as JSON goes to the file. */
export function printTable(comparisons: readonly Comparison[]): void {
  const round = (value: number): string => Math.round(value).toLocaleString('en');
  console.table(
    comparisons.map(({ name, unit, ours, peer, ratio, floor, aim }) => ({
      measured: name,
      unit,
      ours: round(median(ours)),
      peer: `${peer.name} ${round(median(peer.values))}`,
      ratio,
      floor,
      aim: aim ?? '',
      reached: ratio >= floor ? (aim !== undefined && ratio >= aim ? 'aim' : 'floor') : 'MISSED',
    })),
  );
}
