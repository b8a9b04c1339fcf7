import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './run.ts';

/** Generates into a copy and compares with what is committed, so that a check never changes the tree it checks. */
const copy = mkdtempSync(join(tmpdir(), 'bankcrm-generate-'));
try {
  cpSync(join(root, 'proto'), join(copy, 'proto'), { recursive: true, filter: (path) => !path.includes('node_modules') });
  rmSync(join(copy, 'proto/gen'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const buf = join(root, 'node_modules/.bin/buf');
  for (const args of [['generate'], ['build', '--exclude-source-info', '-o', 'gen/descriptors.binpb']]) {
    const { code, output } = await run(buf, args, join(copy, 'proto'));
    if (code !== 0) throw new Error(output);
  }
  const differing = compare(join(copy, 'proto/gen'), join(root, 'proto/gen'));
  if (differing.length > 0) {
    process.stderr.write(`run npm run generate and commit: ${differing.join(', ')}\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function compare(fresh: string, committed: string): string[] {
  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const all = new Set([...files(fresh), ...files(committed)]);
  const read = (folder: string, name: string): Buffer | undefined => {
    try {
      return readFileSync(join(folder, name));
    } catch {
      return undefined;
    }
  };
  return [...all].filter((name) => !read(fresh, name)?.equals(read(committed, name) ?? Buffer.alloc(0)));
}
