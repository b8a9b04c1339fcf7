import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthority } from '@bankcrm/provision';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issueCertificates } from './tls.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bankcrm-tls-'));
  mkdirSync(join(dir, 'tls'));
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Starts on the authority that is kept; gives its certificate and what was said. */
function issue(): { ca: string; said: string[] } {
  const said: string[] = [];
  const onProgress = (text: string): void => void said.push(text);
  const { caFile } = issueCertificates(dir, { parts: ['kafka'], host: undefined, kafkaPassword: 'secret', onProgress });
  return { ca: readFileSync(caFile, 'utf8'), said };
}

it('says when it makes an authority anew because 30 days are not left, and keeps the new one', () => {
  const { ca: ending, key } = openAuthority({ days: 30 });
  writeFileSync(join(dir, 'tls', 'authority.json'), JSON.stringify({ ca: ending, key }));
  const { ca, said } = issue();
  expect(ca).not.toBe(ending);
  expect(said).toEqual([expect.stringContaining('trust it again')]);
  expect(issue()).toEqual({ ca, said: [] });
});
