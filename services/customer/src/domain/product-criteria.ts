/** Which products a list asks for; what is absent does not matter. */
export interface ProductCriteria {
  kind?: string;
  line?: string;
  onSale?: boolean;
  /** Terms that contradict one another: nothing fulfils them. */
  impossible: boolean;
}

export const productFields = {
  kind: { type: 'text', operators: ['='] },
  line: { type: 'text', operators: ['='] },
  on_sale: { type: 'boolean', operators: ['='] },
} as const;

/** Puts the terms of a filter together. */
export function productCriteria(terms: readonly { field: keyof typeof productFields; value: string }[]): ProductCriteria {
  const values = new Map<string, string>();
  let impossible = false;
  for (const { field, value } of terms) {
    if ((values.get(field) ?? value) !== value) impossible = true;
    values.set(field, value);
  }
  const [kind, line, onSale] = [values.get('kind'), values.get('line'), values.get('on_sale')];
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(line === undefined ? {} : { line }),
    ...(onSale === undefined ? {} : { onSale: onSale === 'true' }),
    impossible,
  };
}
