import type { Manifest } from '@bankcrm/manifest';
import type { FileResult } from './results.ts';

/** What has a budget of seconds: a service, all libraries, rules and the platform as a whole, or the tools that start and feed it. */
export interface Part {
  name: string;
  seconds: number;
  budgetSeconds: number;
}

const libsSeconds = 120;
const platformSeconds = 200;
const toolsSeconds = 150;

/** A file in `services/<name>` belongs to that service. */
export function partOf(file: string): string {
  const [top, name = ''] = file.split('/');
  if (top === 'services') return name;
  if (top === 'libs') return 'libs';
  return name === 'rules' || name === 'acceptance' ? 'platform' : 'tools';
}

/** How long the files of each part took together, beside its budget; parts of which no file ran are left out. */
export function partsOf(files: readonly FileResult[], manifests: readonly Pick<Manifest, 'name' | 'tests'>[]): Part[] {
  const budgets = new Map(manifests.map(({ name, tests }) => [name, tests.seconds]));
  budgets.set('libs', libsSeconds).set('platform', platformSeconds).set('tools', toolsSeconds);
  // Faults run on request and have no budget.
  const counted = files.filter(({ file }) => !file.includes('/faults/'));
  return [...Map.groupBy(counted, ({ file }) => partOf(file))]
    .map(([name, own]) => ({
      name,
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
      budgetSeconds: budgets.get(name) ?? 0,
    }))
    .sort((a, b) => b.seconds - a.seconds);
}
