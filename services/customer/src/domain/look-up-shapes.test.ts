import { describe, expect, it } from 'vitest';
import { type LookedUp, shapeOf } from './look-up-shapes.ts';

const shapes = (kind: LookedUp['kind'], ...numbers: string[]) =>
  new Set(numbers.map((number) => shapeOf({ kind, number }).text)).size;

describe('numbers that differ only in what is hidden have one shape', () => {
  it('ID numbers of one birth date with the same digits 16 and 17, whatever region, digit 15 and check digit', () => {
    expect(shapes('id-number', '110105194912310021', '11010519491231102X', '310115194912319028', '110105491231002')).toBe(1);
  });
  it('older residence permits of one birth date and order digit, whatever country, region and check digit', () => {
    expect(shapes('id-number', 'CHN110190010112', 'USA310190010115', 'DEU440390010117')).toBe(1);
    expect(shapes('id-number', 'CHN110190010112', 'CHN110190010122', 'CHN110190010212')).toBe(3);
  });
  it('phones of one mask, accounts and cards of one last four', () => {
    expect(shapes('phone', '13800138000', '13899998000')).toBe(1);
    expect(shapes('account', '6222020200112233445', '6225880011223445')).toBe(1);
  });
});

it('tells numbers apart by what is shown of them', () => {
  expect(shapes('id-number', '11010519491231002X', '110105194912310128', '110105194912300021')).toBe(3);
  expect(shapes('phone', '13800138000', '13900138000', '13800138001')).toBe(3);
  expect(shapes('account', '6222020200112233445', '6222020200112233446')).toBe(2);
});

it('leaves a number of which next to nothing is shown a shape of its own', () => {
  expect(shapes('phone', '62345678', '62345578')).toBe(2);
  expect(shapes('phone', '+85291234501', '+85298765401')).toBe(2);
  expect(shapes('account', '10012345', '10022345')).toBe(2);
  expect(shapes('id-number', 'A1234567', 'A1334567')).toBe(2);
});

it('counts those of several members of staff together only where few people share a shape', () => {
  expect(shapeOf({ kind: 'id-number', number: '11010519491231002X' }).isRare).toBe(true);
  expect(shapeOf({ kind: 'id-number', number: 'CHN110190010112' }).isRare).toBe(true);
  expect(shapeOf({ kind: 'phone', number: '13800138000' }).isRare).toBe(true);
  expect(shapeOf({ kind: 'account', number: '6222020200112233445' }).isRare).toBe(false);
  expect(shapeOf({ kind: 'phone', number: '62345678' }).isRare).toBe(false);
});
