import { describe, expect, it } from 'vitest';
import { type Bom, licences, settled } from './seal.ts';

/** As npm writes it. */
const written = (serialNumber: string, timestamp: string, component: string): Bom => ({
  serialNumber,
  metadata: { timestamp, component: { name: component } },
  components: [
    { 'bom-ref': 'zod@4.6.7', licenses: [{ license: { id: 'MIT' } }] },
    { 'bom-ref': '@bufbuild/protobuf@2.17.0', licenses: [{ expression: '(Apache-2.0 AND BSD-3-Clause)' }] },
    { 'bom-ref': '@bankcrm/kernel@0.1.0', properties: [{ name: 'cdx:npm:package:private', value: 'true' }] },
    { 'bom-ref': 'odd@1.0.0' },
  ],
});
const time = new Date('2026-11-30T06:02:58Z');

describe('the bill of materials', () => {
  it('is the same whenever and wherever it is drawn up of the same packages', () => {
    const monday = settled(written('urn:uuid:1', '2026-11-30T00:00:00Z', 'app'), 'bankcrm-quota', time);
    const tuesday = settled(written('urn:uuid:2', '2026-12-01T00:00:00Z', 'elsewhere'), 'bankcrm-quota', time);
    expect(tuesday).toEqual(monday);
    expect(monday.metadata).toEqual({ timestamp: '2026-11-30T06:02:58.000Z', component: { name: 'bankcrm-quota' } });
    // RFC 9562: version 8 and variant 10.
    expect(monday.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('has another number where a package is another', () => {
    const bom = written('urn:uuid:1', '', '');
    const other = { ...bom, components: bom.components.slice(1) };
    expect(settled(other, 'bankcrm-quota', time).serialNumber).not.toBe(settled(bom, 'bankcrm-quota', time).serialNumber);
  });
});

it('lists the licence of each package that is not ours', () => {
  expect(licences(written('', '', ''))).toBe(
    '@bufbuild/protobuf@2.17.0\t(Apache-2.0 AND BSD-3-Clause)\nodd@1.0.0\tnot stated\nzod@4.6.7\tMIT\n',
  );
});
