import { type Check, checkTime, cleanText, invalidField } from '@bankcrm/contract/domain';
import { identifyingKindIn, isUuid } from '@bankcrm/kernel';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import { customerIdOf, hiddenFromOf, isResourceName } from './resource-names.ts';

const longestLabel = 200;
const permission = /^(?:|(?=.{1,64}$)[a-z-]+\.[a-z-]+\.[a-z-]+)$/;
/** There is no mask for identifying values here, and secrets are shown nowhere. */
const classes: readonly DataClass[] = [DataClass.UNSPECIFIED, DataClass.C1, DataClass.C2_FINANCIAL];

/** Why an entry of the timeline cannot be shown; undefined when it can. A removed one needs no labels. */
export function problemOfTimelineEntry(entry: TimelineEntry): Check {
  return (
    (customerIdOf(entry.customer) === undefined ? invalidField('customer') : undefined) ??
    (isUuid(entry.entryId) ? undefined : invalidField('entry_id')) ??
    (entry.sequence > 0n ? undefined : invalidField('sequence')) ??
    (entry.eventTime === undefined ? invalidField('event_time') : checkTime(entry.eventTime, 'event_time')) ??
    checkLabel(entry.labelZh, 'label_zh', entry.removed) ??
    checkLabel(entry.labelEn, 'label_en', entry.removed) ??
    (isResourceName(entry.resource) ? undefined : invalidField('resource')) ??
    (entry.subject === '' || isResourceName(entry.subject) ? undefined : invalidField('subject')) ??
    (classes.includes(entry.class) ? undefined : invalidField('class')) ??
    (permission.test(entry.permission) ? undefined : invalidField('permission')) ??
    (hiddenFromOf(entry.hiddenFrom) === undefined ? invalidField('hidden_from') : undefined)
  );
}

function checkLabel(text: string, field: string, mayBeEmpty: boolean): Check {
  const label = cleanText(text);
  const isFit = label === '' ? mayBeEmpty : [...label].length <= longestLabel && identifyingKindIn(label) === undefined;
  return isFit ? undefined : invalidField(field);
}

/** A publisher that names no class gets the stricter one. */
export const isFinancial = (entry: Pick<TimelineEntry, 'class'>): boolean => entry.class !== DataClass.C1;
