import { isUuid } from '@bankcrm/kernel';
import type { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { type Check, checkEach, checkText, checkTime, invalidField } from './problem.ts';

const maxFields = 50;

/** Why a panel cannot be shown; undefined when it can. */
export function problemOfPanel(panel: CustomerPanel): Check {
  return (
    (panelCustomerId(panel) === undefined ? invalidField('customer') : undefined) ??
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
    )
  );
}

/** The id in `customers/{uuid}`. */
export function panelCustomerId(panel: CustomerPanel): string | undefined {
  const id = panel.customer.startsWith('customers/') ? panel.customer.slice('customers/'.length) : '';
  return isUuid(id) ? id : undefined;
}
