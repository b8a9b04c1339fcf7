export interface PausedPlace {
  sourceSystem: string;
  topic: string;
  paused: boolean;
}

/**
 * A paused source holds the partitions that one of its messages stands first in: which other sources of the topic may wait for it, and for which this
 * one may wait. Messages of no source wait as well; they have no name to give.
 */
export function waitingWith(
  { sourceSystem, topic }: Pick<PausedPlace, 'sourceSystem' | 'topic'>,
  places: readonly PausedPlace[],
): { alsoWaiting: string[]; waitingFor: string[] } {
  const others = places.filter(
    (place) => place.topic === topic && place.sourceSystem !== sourceSystem && place.sourceSystem !== '',
  );
  const isPaused = places.some((place) => place.topic === topic && place.sourceSystem === sourceSystem && place.paused);
  const names = (which: readonly PausedPlace[]) => which.map((place) => place.sourceSystem).sort();
  return { alsoWaiting: isPaused ? names(others) : [], waitingFor: names(others.filter(({ paused }) => paused)) };
}
