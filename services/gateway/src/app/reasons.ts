import { declaredReasons } from '@bankcrm/proto/descriptors';
import { edgeReasons, type Texts } from '../domain/messages.ts';

/** What a person is told for a reason: of the HTTP edge, or declared in a proto. */
export const reasonTexts: ReadonlyMap<string, Texts> = new Map([
  ...edgeReasons,
  ...declaredReasons().map(({ name, en, zh }) => [name, { en, 'zh-CN': zh }] as const),
]);
