import { isUuid } from '@bankcrm/kernel';

/** Most people that something is hidden from. */
const mostHiddenFrom = 20;

const idIn = (collection: string, name: string): string | undefined => {
  const id = name.startsWith(`${collection}/`) ? name.slice(collection.length + 1) : '';
  return isUuid(id) ? id : undefined;
};

/** The id in `customers/{uuid}`. */
export const customerIdOf = (name: string): string | undefined => idIn('customers', name);

/** The ids in `staff/{uuid}` of those that something is hidden from, each once. Undefined where one is none, or they are too many. */
export function hiddenFromOf(names: readonly string[]): string[] | undefined {
  const ids = names.map((name) => idIn('staff', name));
  if (names.length > mostHiddenFrom || ids.includes(undefined)) return undefined;
  return [...new Set(ids as string[])];
}

const longestName = 200;
const collection = /^[a-z][a-zA-Z]{0,39}$/;

/** Whether a text is a resource's name: `tickets/{uuid}`, `campaigns/{uuid}/sends/{uuid}`. */
export function isResourceName(text: string): boolean {
  const segments = text.split('/');
  return (
    text.length <= longestName &&
    segments.length % 2 === 0 &&
    segments.every((segment, index) => (index % 2 === 0 ? collection.test(segment) : isUuid(segment)))
  );
}
