/** A condition on a column of an entry. */
export interface Condition {
  column:
    | 'actor'
    | 'customer_id'
    | 'operation'
    | 'service'
    | 'decision'
    | 'reason'
    | 'identifying'
    | 'financial'
    | 'high_privilege'
    | 'event_time';
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
  value: string | number | boolean | Date;
}

/** The one customer that is looked for; undefined where none is, or several that cannot be one. */
export const customerIn = (conditions: readonly Condition[]): string | undefined =>
  conditions.find(({ column }) => column === 'customer_id')?.value as string | undefined;
