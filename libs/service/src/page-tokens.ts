import type { FieldCrypto } from '@bankcrm/access';
import { invalid } from '@bankcrm/kernel';

export const defaultPageSize = 50;
export const maxPageSize = 200;

/** The size of a page as asked, or the default for 0. Throws INVALID beyond the limits. */
export function pageSizeOf(requested: number, limit = maxPageSize, standard = defaultPageSize): number {
  if (requested < 0 || requested > limit) throw invalid('page_size', `must be between 1 and ${limit}`, 'INVALID_PAGE_SIZE');
  return requested === 0 ? Math.min(standard, limit) : requested;
}

/**
 * Page tokens: where the next page begins, sealed, so that they reveal no values and cannot be made up. A token is bound to
 * its query: method, caller, filter and order. With another one it is refused.
 */
export function pageTokens(crypto: FieldCrypto) {
  const place = (query: readonly string[]) => ({ table: 'page', column: 'token', rowId: JSON.stringify(query) });
  return {
    issue: (query: readonly string[], position: readonly (string | null)[]): string =>
      crypto.seal(JSON.stringify(position), place(query)).toString('base64url'),
    /** The position, undefined for the first page. Throws INVALID `INVALID_PAGE_TOKEN`. */
    read(query: readonly string[], token: string): (string | null)[] | undefined {
      if (token === '') return undefined;
      try {
        if (token.length > 2_048) throw new Error('too long');
        return JSON.parse(crypto.open(Buffer.from(token, 'base64url'), place(query)).toString()) as (string | null)[];
      } catch {
        throw invalid(
          'page_token',
          'must be the next_page_token of the same list with the same filter and order',
          'INVALID_PAGE_TOKEN',
        );
      }
    },
  };
}

export type PageTokens = ReturnType<typeof pageTokens>;
