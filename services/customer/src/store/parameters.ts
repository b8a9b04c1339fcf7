import { createHash } from 'node:crypto';

/** Collects the values of a statement that is put together from parts. */
export class Parameters {
  readonly values: unknown[] = [];

  /** Takes a value and gives its placeholder with a cast: `$3::date`. */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}

export interface Statement {
  text: string;
  values: unknown[];
}

/**
 * The statement under a name of its text, so that a connection plans it once: under nested policies planning costs several times
 * what running does. Only for statements of few shapes: each stays prepared as long as its connection lives.
 */
export const prepared = ({ text, values }: Statement): Statement & { name: string } => ({
  name: createHash('sha1').update(text).digest('hex'),
  text,
  values,
});
