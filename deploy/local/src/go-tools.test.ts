import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bankcrm-go-'));
  vi.stubEnv('BANKCRM_DIST_DIR', join(dir, 'dist'));
  vi.stubEnv('PATH', dir);
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

/** A `go` that does this and nothing else. */
function installGo(script: string): void {
  writeFileSync(join(dir, 'go'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(dir, 'go'), 0o755);
}

it('says in one sentence that Go is missing', async () => {
  const { goTool } = await import('./go-tools.ts');
  await expect(goTool('helm')).rejects.toThrow('install Go 1.26 or newer');
});

it('repeats what Go said where it cannot build', async () => {
  installGo('echo "go: module lookup disabled" >&2; exit 1');
  const { goTool } = await import('./go-tools.ts');
  await expect(goTool('helm')).rejects.toThrow('go install failed:\ngo: module lookup disabled');
});

it('builds a module once, for all of its programs', async () => {
  installGo(`echo built >> ${join(dir, 'log')}; : > "$GOBIN/helm"; : > "$GOBIN/kubeconform"`);
  const { goTool } = await import('./go-tools.ts');
  await goTool('helm');
  // Another process finds what is there.
  vi.resetModules();
  const another = await import('./go-tools.ts');
  expect(await another.goTool('kubeconform')).toMatch(/\/dist\/go-kubernetes-[0-9a-f]{16}\/kubeconform$/);
  expect(readFileSync(join(dir, 'log'), 'utf8')).toBe('built\n');
});

it('takes no module whose files are others than they were', async () => {
  installGo(`echo '{"Dir": "/modules/k", "Sum": "h1:other"}'`);
  const { goModule } = await import('./go-tools.ts');
  await expect(goModule('k@v1.0.0', 'h1:known')).rejects.toThrow('k@v1.0.0 is not what it was: its checksum is h1:other');
  expect(await goModule('k@v1.0.0', 'h1:other')).toBe('/modules/k');
});
