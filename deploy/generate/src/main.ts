import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@bankcrm/manifest';
import { generatedFiles } from './generated.ts';
import { addToLockFile } from './lock-file.ts';

for (const [path, content] of generatedFiles()) writeFileSync(join(repositoryRoot, path), content);
addToLockFile(repositoryRoot);
