import { type FieldViolation, invalidFields } from '@bankcrm/kernel';

/** As many as somebody reads; the rest show once these are mended. */
const maxViolations = 50;

/** Collects what is wrong with an input. */
export interface Violations {
  add: (field: string, description: string) => void;
  /** Throws INVALID. */
  throwIfAny: () => void;
}

export function violations(): Violations {
  const found: FieldViolation[] = [];
  return {
    add: (field, description) => {
      if (found.length < maxViolations) found.push({ field, description });
    },
    throwIfAny: () => {
      if (found.length > 0) throw invalidFields(found);
    },
  };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
