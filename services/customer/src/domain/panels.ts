import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';

/** What a caller may see beside being in scope. */
export interface Shown {
  permissions: ReadonlySet<string>;
  financials: boolean;
}

/**
 * A panel with the fields that the caller may see. Identifying values have no place in a panel, since there is no mask for them here, and secrets
 * have none anywhere: a field that says it is one is left out, for everybody.
 */
export function shownPanel(panel: CustomerPanel, { permissions, financials }: Shown): CustomerPanel {
  // A publisher that names no class gets the stricter one.
  const classes: readonly DataClass[] = financials
    ? [DataClass.C1, DataClass.C2_FINANCIAL, DataClass.UNSPECIFIED]
    : [DataClass.C1];
  return {
    ...panel,
    fields: panel.fields.filter(
      (field) => classes.includes(field.class) && (field.permission === '' || permissions.has(field.permission)),
    ),
  };
}
