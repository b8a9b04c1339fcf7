/** `google.type.Money` as whole minor units of a currency with two digits after the point; undefined where there is none. */
export function minorOf(money: { units: bigint; nanos: number } | undefined): bigint | undefined {
  return money === undefined ? undefined : money.units * 100n + BigInt(Math.round(money.nanos / 10_000_000));
}

/** `a × b / c`, rounded half to even: what the contract of the totals says, in whole numbers. */
export function halfEven(numerator: bigint, denominator: bigint): bigint {
  const floor = numerator / denominator;
  const twice = 2n * (numerator % denominator);
  return twice > denominator || (twice === denominator && floor % 2n === 1n) ? floor + 1n : floor;
}

/** Minor units of one currency in minor units of another by a decimal rate such as `7.1234`; amounts and rates are not negative. */
export function convert(minor: bigint, rate: string): bigint {
  const [whole = '0', fraction = ''] = rate.split('.');
  return halfEven(minor * BigInt(whole + fraction), 10n ** BigInt(fraction.length));
}
