/**
 * Finishes what an image holds, at its build, where only Node is: the bill of materials and the licences beside the packages, and the same modes and times at
 * every build. `npm sbom … | node seal.ts <folder> <seconds since 1970>`
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, lutimesSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What is read and changed of a CycloneDX document (https://cyclonedx.org/docs/1.5/json/). */
export interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string } };
  components: Component[];
}
interface Component {
  /** `name@version`; npm leaves the scope out of `name`. */
  'bom-ref': string;
  licenses?: ({ license: { id?: string; name?: string } } | { expression: string })[];
  properties?: { name: string; value: string }[];
}

/** What npm drew at random or took from the clock and the folder is made the same at every build, at any place. `time` is an instant of the sources. */
export function settled(bom: Bom, name: string, time: Date): Bom {
  const { serialNumber, ...rest } = bom;
  const metadata = { ...bom.metadata, timestamp: time.toISOString(), component: { ...bom.metadata.component, name } };
  const content = { ...rest, metadata };
  return { ...content, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}` };
}

/** One line for each package that is not ours: name and version, licence. */
export const licences = ({ components }: Bom): string =>
  components
    .filter(({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:private'))
    .map(({ 'bom-ref': ref, licenses = [] }) => `${ref}\t${licenses.map(licenceOf).join(', ') || 'not stated'}\n`)
    .sort()
    .join('');

const licenceOf = (one: NonNullable<Component['licenses']>[number]): string =>
  'expression' in one ? one.expression : (one.license.id ?? one.license.name ?? 'not stated');

/** A UUID of the content: version 8, variant 10 (RFC 9562, 5.8). */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Everybody reads, nobody but the owner writes, and programs and folders stay what they are. */
function even(path: string, time: Date): void {
  const entry = lstatSync(path);
  if (!entry.isSymbolicLink()) chmodSync(path, entry.mode & 0o111 ? 0o755 : 0o644);
  if (entry.isDirectory()) for (const name of readdirSync(path)) even(join(path, name), time);
  lutimesSync(path, time, time);
}

if (import.meta.main) {
  const [folder, seconds] = [process.argv[2]!, Number(process.argv[3])];
  const time = new Date(seconds * 1000);
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
  const bom = settled(JSON.parse(await text(process.stdin)) as Bom, name, time);
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bom, null, 2)}\n`);
  writeFileSync(join(folder, 'LICENSES.txt'), licences(bom));
  // It lists what tests need, too; a scanner would take that for what is here.
  rmSync(join(folder, 'package-lock.json'));
  even(folder, time);
}
