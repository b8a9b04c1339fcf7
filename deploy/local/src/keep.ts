import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distDir } from './paths.ts';

/**
 * The folder `name` beside the fetched servers, made at first use. `make` fills a draft that is renamed into place, so that what was interrupted is never
 * taken for whole; of two processes that make it at the same time the first to finish wins. The name says what decides the content: nothing is made anew
 * under an old one. Gives the folder's path.
 */
export async function keep(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const home = join(distDir, name);
  const isWhole = (): boolean => existsSync(join(home, 'complete'));
  if (!isWhole()) {
    mkdirSync(distDir, { recursive: true });
    const draft = mkdtempSync(join(distDir, 'making-'));
    try {
      await make(draft);
      writeFileSync(join(draft, 'complete'), `${new Date().toISOString()}\n`);
      renameSync(draft, home);
    } catch (error) {
      if (!isWhole()) throw error;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  // What nobody has used for a week goes.
  const now = new Date();
  utimesSync(home, now, now);
  return home;
}
