import { deriveIdBytes } from '@bankcrm/kernel';

/** The ids that keys of a source have, in the batch that they are asked for. */
export interface DerivedIds {
  account: IdOf;
  party: IdOf;
  /** By the product's code. */
  product: IdOf;
}

type IdOf = (sourceSystem: string, sourceId: string) => Buffer;

export const derivedIds = (): DerivedIds => ({ account: idsOf('account'), party: idsOf('party'), product: idsOf('product') });

/** Derives the id of each key once: a customer's postings stand together. */
function idsOf(thing: 'account' | 'party' | 'product'): IdOf {
  const ids = new Map<string, Buffer>();
  let last: { sourceSystem: string; sourceId: string; id: Buffer } | undefined;
  return (sourceSystem, sourceId) => {
    if (last?.sourceId === sourceId && last.sourceSystem === sourceSystem) return last.id;
    const key = `${sourceSystem}/${sourceId}`;
    let id = ids.get(key);
    if (id === undefined) {
      id = deriveIdBytes(thing, sourceSystem, sourceId);
      ids.set(key, id);
    }
    last = { sourceSystem, sourceId, id };
    return id;
  };
}
