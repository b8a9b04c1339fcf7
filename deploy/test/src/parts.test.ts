import { expect, it } from 'vitest';
import { partsOf } from './parts.ts';
import type { FileResult } from './results.ts';

const file = (name: string, seconds: number) => ({ file: name, seconds }) as FileResult;

it('adds up the files of each service, of the libraries, of the platform and of its tools, without faults, the longest first, beside their budgets', () => {
  const manifests = [
    { name: 'customer', tests: { seconds: 300 } },
    { name: 'gateway', tests: { seconds: 60 } },
  ];
  const files = [
    file('services/customer/test/sync.itest.ts', 40),
    file('services/customer/acceptance/teller.itest.ts', 5),
    file('services/customer/src/domain/flags.test.ts', 1),
    file('libs/events/test/relay.itest.ts', 20),
    file('libs/kernel/src/ids.test.ts', 2),
    file('deploy/rules/test/code.test.ts', 15),
    file('deploy/acceptance/test/tokens.itest.ts', 3),
    file('deploy/local/test/restart.itest.ts', 7),
    file('services/customer/faults/sync-kills.ftest.ts', 200),
  ];
  expect(partsOf(files, manifests)).toEqual([
    { name: 'customer', seconds: 46, budgetSeconds: 300 },
    { name: 'libs', seconds: 22, budgetSeconds: 120 },
    { name: 'platform', seconds: 18, budgetSeconds: 200 },
    { name: 'tools', seconds: 7, budgetSeconds: 150 },
  ]);
});
