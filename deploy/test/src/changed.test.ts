import { describe, expect, it } from 'vitest';
import { reaches, reachOf } from './changed.ts';

const workspaces = [
  { folder: 'proto', name: '@bankcrm/proto', uses: [] },
  { folder: 'libs/kernel', name: '@bankcrm/kernel', uses: [] },
  { folder: 'libs/events', name: '@bankcrm/events', uses: ['@bankcrm/kernel'] },
  { folder: 'services/customer', name: '@bankcrm/customer', uses: ['@bankcrm/events', '@bankcrm/proto'] },
  { folder: 'services/gateway', name: '@bankcrm/gateway', uses: ['@bankcrm/kernel'] },
  { folder: 'deploy/acceptance', name: '@bankcrm/acceptance', uses: ['@bankcrm/proto'] },
  { folder: 'deploy/bench', name: '@bankcrm/bench', uses: [] },
];
const tests = [
  'libs/events/test/relay.itest.ts',
  'services/customer/test/sync.itest.ts',
  'services/gateway/test/edge.itest.ts',
  'services/gateway/acceptance/docs.itest.ts',
  'deploy/acceptance/test/tokens.itest.ts',
];
const reached = (...changed: string[]) => tests.filter((test) => reaches(reachOf(changed, workspaces), test));
const [relay, sync, edge, docs, tokens] = tests;

describe('a change', () => {
  it('of a service reaches its own tests and all that ask the whole platform', () => {
    expect(reached('services/customer/src/main.ts')).toEqual([sync, docs, tokens]);
  });

  it('of a library reaches those that depend on it, directly or through others', () => {
    expect(reached('libs/events/src/relay.ts')).toEqual([relay, sync, docs, tokens]);
    expect(reached('libs/kernel/src/ids.ts')).toEqual([relay, sync, edge, docs, tokens]);
  });

  it('of what only a tool of its own uses reaches no test on servers', () => {
    expect(reached('deploy/bench/src/main.ts')).toEqual([]);
  });

  it('outside every package reaches everything', () => {
    expect(reached('deploy/kafka/contract-topics.yaml')).toEqual(tests);
    expect(reached('package-lock.json')).toEqual(tests);
  });

  it('of prose or of what only hosts read reaches nothing', () => {
    expect(reached('README.md', 'services/customer/README.md', '.github/workflows/ci.yaml')).toEqual([]);
  });
});
