import { registry } from '@bankcrm/proto/descriptors';
import type { JsonValue } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { violationsOf } from './violations.ts';

const of = (type: string, json: JsonValue, verdict: 'refused' | 'taken' = 'refused') => [
  ...violationsOf(registry.getMessage(type)!, json, verdict),
];

describe('violations', () => {
  it.each(['9223372036854775808', '-9223372036854775809', 1e20, 1.5, true, [], {}, ''])(
    'name a 64-bit number that is none: %j',
    (value) => {
      expect(of('bankcrm.directory.v1.WatchStaffRequest', { fromRevision: value })).toEqual([
        { field: 'fromRevision', description: 'must be a whole number from -9223372036854775808 to 9223372036854775807' },
      ]);
    },
  );

  it('let the ends of 64 bits pass', () => {
    for (const fromRevision of ['9223372036854775807', '-9223372036854775808', 0])
      expect(of('bankcrm.directory.v1.WatchStaffRequest', { fromRevision })).toEqual([]);
  });

  it('see what the library takes: days that no calendar has and numbers that no enum has', () => {
    const json = {
      interaction: { occurTime: '2025-02-29T00:00:00Z' },
    };
    expect(of('bankcrm.customer.v1.CreateInteractionRequest', json, 'taken')).toMatchObject([{ field: 'interaction.occurTime' }]);
    expect(of('bankcrm.customer.v1.StartServiceRequest', { kind: 99 }, 'taken')).toMatchObject([{ field: 'kind' }]);
    expect(of('bankcrm.customer.v1.StartServiceRequest', { kind: 4 }, 'taken')).toEqual([]);
    const leapDay = { interaction: { occurTime: '2024-02-29T23:59:59Z' } };
    expect(of('bankcrm.customer.v1.CreateInteractionRequest', leapDay, 'taken')).toEqual([]);
  });

  it('never quote a value', () => {
    const found = of('bankcrm.customer.v1.StartServiceRequest', { kind: '13800138000', value: 13_800_138_000 });
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain('138');
  });
});
