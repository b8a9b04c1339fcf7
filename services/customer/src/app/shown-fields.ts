import { registry } from '@bankcrm/proto/descriptors';
import type { FieldUse } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { type Call, fieldsWithin } from '@bankcrm/service';
import { financialsPermission } from './deps.ts';

/** What a reply shows to those who hold the permission for financial data, and to everybody else. */
interface Shown {
  all: readonly FieldUse[];
  withoutFinancials: readonly FieldUse[];
}

/** By operation. Made once at start: a view names its fields before its reply is known, and walking descriptors takes longer than the view may. */
const shownBy: ReadonlyMap<string, Shown> = new Map(
  [...registry]
    .flatMap((type) => (type.kind === 'service' && type.typeName.startsWith('bankcrm.customer.v1.') ? type.methods : []))
    .map(({ parent, name, output }): [string, Shown] => {
      // What is shown masked is C1 in the contract: an identifying field of a reply is one in the clear.
      const withoutFinancials = fieldsWithin(output, [DataClass.C2_IDENTIFYING]);
      const all = fieldsWithin(output, [DataClass.C2_IDENTIFYING, DataClass.C2_FINANCIAL]);
      return [`${parent.typeName}/${name}`, { all, withoutFinancials }];
    }),
);

const nothing: readonly FieldUse[] = [];

/** The fields of C2 that the reply to a call may show to its caller, by the paths of the reply. The same array for the same operation: nobody changes it. */
export function shownFields({ operation, caller }: Pick<Call, 'operation' | 'caller'>): readonly FieldUse[] {
  const shown = shownBy.get(operation);
  if (!shown) return nothing;
  return caller.permissions.has(financialsPermission) ? shown.all : shown.withoutFinancials;
}
