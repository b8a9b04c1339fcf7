/**
 * ISO 4217 list one, as its maintenance agency (SIX) published it on 2026-01-01: codes by the digits after their point. Funds codes (CLF, UYW …) are
 * currencies like others. A code that was withdrawn (ANG, BGN, HRK) is none: its source converts what is left.
 */
const listOne: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
     CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
     KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
     NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
     TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

/**
 * Where list one gives no digits we do. Metals are counted in millionths of a troy ounce (31 µg): Chinese banks book gold to 0.0001 g (100 µg), and two such
 * amounts stay apart. Special drawing rights and the other units of account and of bonds are counted in hundredths. XTS (for tests) and XXX (no currency)
 * are refused: nothing is worth so much of them.
 */
const withoutDigits: typeof listOne = [
  [6, 'XAG XAU XPD XPT'],
  [2, 'XBA XBB XBC XBD XDR XSU XUA'],
];

/** Digits after the point of each currency that an amount may be in. */
export const currencyDigits: ReadonlyMap<string, number> = new Map(
  [...listOne, ...withoutDigits].flatMap(([digits, codes]) => codes.split(/\s+/).map((code) => [code, digits] as const)),
);
