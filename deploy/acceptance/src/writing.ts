import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '@bankcrm/manifest';
import type { Reply } from './client.ts';
import { uniqueDigits } from './core-bank.ts';

/** Something of a service that is written once for each key, and where it can be read afterwards. */
export interface Writing {
  /** How many write beside each other. */
  clients: number;
  write(key: string, headers: Record<string, string>): Promise<Reply>;
  /** The keys of what is there. */
  written(): Promise<Set<string>>;
}

/**
 * What a service that answers calls brings to the tests of all services: the function `writing` of its `acceptance/writing.ts`. Throws for one that
 * brings none: it would be stopped, audited and measured by nobody.
 */
export async function writingOf(service: string): Promise<Writing> {
  const file = join(repositoryRoot, 'services', service, 'acceptance', 'writing.ts');
  if (!existsSync(file)) throw new Error(`services/${service}/acceptance/writing.ts is missing`);
  const { writing } = (await import(pathToFileURL(file).href)) as { writing: () => Promise<Writing> };
  return writing();
}

/** Letters only: a text with a long number in it would be refused. */
export const newKey = (): string => `stop-${uniqueDigits(20).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)}`;
