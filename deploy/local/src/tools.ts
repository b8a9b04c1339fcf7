import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './paths.ts';

/** The folder of a tool in `deploy/tools`, its packages fetched at first use: who only runs the platform need not install them. */
export function toolFolder(name: string): string {
  const folder = join(repositoryRoot, 'deploy', 'tools', name);
  // npm writes it when everything else is there.
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json')))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  return folder;
}
