import type { FieldCrypto } from '@bankcrm/access';
import type { ReplySealer } from '@bankcrm/database';
import type { Sealer } from '@bankcrm/events';

/** Seals the content of dead letters; a context is `table/column/row id`. */
export function messageSealer(crypto: FieldCrypto): Sealer {
  const placeOf = (context: string) => {
    const [table = '', column = '', rowId = ''] = context.split('/');
    return { table, column, rowId };
  };
  return {
    seal: (context, plain) => crypto.seal(plain, placeOf(context)),
    open: (context, sealed) => crypto.open(sealed, placeOf(context)),
  };
}

/** Seals stored replies; a context names the request and may hold any character. */
export function replySealer(crypto: FieldCrypto): ReplySealer {
  const placeOf = (rowId: string) => ({ table: 'requests.request', column: 'sealed_reply', rowId });
  return {
    seal: (context, plain) => crypto.seal(plain, placeOf(context)),
    open: (context, sealed) => crypto.open(sealed, placeOf(context)),
  };
}
