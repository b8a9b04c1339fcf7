import { isUuid } from '@bankcrm/kernel';

/**
 * The resource that a request is about: its `name`, its `parent`, or the name of the resource that stands in it. Empty unless it is
 * made of our ids alone (`customers/{uuid}/holdings/{uuid}`): who may not ask is refused before anybody looks at the name, and an ID
 * number typed in place of an id must not stay in the audit log.
 */
export function subjectOf(request: unknown): string {
  const { name, parent, ...others } = (request ?? {}) as Record<string, unknown>;
  const inside = Object.values(others).map((value) => (value as { name?: unknown } | null | undefined)?.name);
  const [subject] = [name, parent, ...inside].filter((one): one is string => typeof one === 'string' && one !== '');
  return subject !== undefined && isResourceName(subject) ? subject : '';
}

function isResourceName(text: string): boolean {
  const segments = text.split('/');
  const fits = (segment: string, index: number): boolean =>
    index % 2 === 0 ? /^[a-zA-Z]{1,32}$/.test(segment) : isUuid(segment);
  return segments.length % 2 === 0 && segments.every(fits);
}
