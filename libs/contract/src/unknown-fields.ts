/** Most different ones that are told of one message: a producer that puts data in the place of names has one a message. */
const maxFields = 20;

/**
 * Fields of a message that the contract does not have, as paths without places in lists: `kyc.vipLevel`, in protobuf `kyc.17`. A name
 * with five digits in a row, with other characters than letters, digits and underscores, or longer than 64 is a question mark: it may be data.
 */
export class UnknownFields {
  readonly #paths = new Set<string>();

  add(parent: string, name: string): void {
    const path = placeIn(parent.replaceAll(/\[\d+\]/g, ''), shownName(name));
    if (this.#paths.size < maxFields) this.#paths.add(path);
  }

  /** Undefined where there is none. */
  all(): readonly string[] | undefined {
    return this.#paths.size === 0 ? undefined : [...this.#paths];
  }
}

export const placeIn = (parent: string, name: string): string => (parent === '' ? name : `${parent}.${name}`);

/** A name that came with a message, as it may be told: five digits in a row may be a person's. */
export const shownName = (name: string): string => (/^\w{1,64}$/.test(name) && !/\d{5}/.test(name) ? name : '?');
