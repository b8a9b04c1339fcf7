import type { FieldCrypto } from '@bankcrm/access';
import type { Sealer } from '@bankcrm/database';

/** Seals whole messages and replies with the keys of single values. What follows the second slash of a context is the row id, further slashes included. */
export function sealerOf(crypto: FieldCrypto): Sealer {
  const placeOf = (context: string) => {
    const [table = '', column = '', ...rowId] = context.split('/');
    return { table, column, rowId: rowId.join('/') };
  };
  return {
    seal: (context, plain) => crypto.seal(plain, placeOf(context)),
    open: (context, sealed) => crypto.open(sealed, placeOf(context)),
  };
}
