/**
 * Encrypts what may hold personal data. `context` is the authenticated data, `table/column/row id`: bytes sealed for one place
 * cannot be opened at another. `open` throws when bytes or context were altered.
 */
export interface Sealer {
  seal(context: string, plain: Uint8Array): Buffer;
  open(context: string, sealed: Uint8Array): Buffer;
}
