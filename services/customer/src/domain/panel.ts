import { type Check, checkEach, checkText, checkTime, invalidField } from '@bankcrm/contract/domain';
import type { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { customerIdOf, hiddenFromOf } from './resource-names.ts';

const maxFields = 50;

/** Why a panel cannot be shown; undefined when it can. */
export function problemOfPanel(panel: CustomerPanel): Check {
  return (
    (customerIdOf(panel.customer) === undefined ? invalidField('customer') : undefined) ??
    (/^[a-z-]{1,32}$/.test(panel.panel) ? undefined : invalidField('panel')) ??
    (panel.sequence > 0n ? undefined : invalidField('sequence')) ??
    checkTime(panel.updateTime, 'update_time') ??
    (panel.fields.length > maxFields ? invalidField('fields') : undefined) ??
    checkEach(
      panel.fields,
      'fields',
      (field, path) =>
        checkText(field.key, `${path}.key`, 64) ??
        checkText(field.labelZh, `${path}.label_zh`, 64) ??
        checkText(field.labelEn, `${path}.label_en`, 64) ??
        checkText(field.value, `${path}.value`) ??
        checkText(field.permission, `${path}.permission`, 64),
    ) ??
    (hiddenFromOf(panel.hiddenFrom) === undefined ? invalidField('hidden_from') : undefined)
  );
}
