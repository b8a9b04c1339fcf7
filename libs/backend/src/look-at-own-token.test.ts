import { unauthenticated, unavailable } from '@bankcrm/kernel';
import type { Repeat } from '@bankcrm/service';
import { expect, it } from 'vitest';
import { lookAtOwnToken } from './look-at-own-token.ts';

it('the look at the own token says a reason once however often it looks, another one anew, and nothing more after it has passed', async () => {
  const outcomes = [
    () => Promise.reject(unavailable('IDENTITY_PROVIDER_UNREACHABLE')),
    () => Promise.reject(unavailable('IDENTITY_PROVIDER_UNREACHABLE')),
    () => Promise.reject(new Error('nobody foresaw this')),
    () => Promise.reject(new Error('nobody foresaw this')),
    () => Promise.reject(unauthenticated('INVALID_TOKEN')),
    () => Promise.resolve('a token'),
    () => Promise.reject(new Error('is not asked any more')),
  ];
  const told: string[] = [];
  let look = async (): Promise<unknown> => undefined;
  const holds = lookAtOwnToken({
    newToken: () => outcomes.shift()!(),
    verifier: { verify: async () => undefined as never },
    log: { error: (_facts: object, text: string) => void told.push(text) } as never,
    repeat: (_name, _everyMs, work) => {
      look = work;
      return { soon: () => {} } as unknown as Repeat;
    },
  });
  for (let turn = 0; turn < 5; turn += 1) await look();
  expect(holds()).toBe(false);
  expect(told).toEqual([
    expect.stringContaining('OIDC_ISSUER cannot be reached'),
    'the own token cannot be checked',
    expect.stringContaining('OIDC_AUDIENCE'),
  ]);
  for (let turn = 0; turn < 3; turn += 1) await look();
  expect(holds()).toBe(true);
  expect(told).toHaveLength(3);
  expect(outcomes).toHaveLength(1);
});
