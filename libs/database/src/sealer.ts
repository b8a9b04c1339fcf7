/** Where something sealed stands: authenticated with it, so that bytes sealed for one place cannot be opened at another. */
export interface SealedPlace {
  table: string;
  column: string;
  /** An id of the row that never changes. */
  rowId: string;
}

/** Encrypts what may hold personal data: `FieldCrypto` of libs/access is one. `open` throws when bytes or place were altered. */
export interface Sealer {
  seal(plain: Uint8Array, place: SealedPlace): Buffer;
  open(sealed: Uint8Array, place: SealedPlace): Buffer;
}
