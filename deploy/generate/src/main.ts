import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '@bankcrm/manifest';
import { generatedFiles } from './generated.ts';
import { addToLockFile } from './lock-file.ts';

for (const [path, content] of await generatedFiles()) {
  mkdirSync(dirname(join(repositoryRoot, path)), { recursive: true });
  writeFileSync(join(repositoryRoot, path), content);
}
addToLockFile(repositoryRoot);
