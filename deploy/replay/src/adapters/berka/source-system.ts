/** `source_system` of everything that comes from this set. */
export const sourceSystem = 'berka';
