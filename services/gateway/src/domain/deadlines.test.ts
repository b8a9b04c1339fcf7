import { registry } from '@bankcrm/proto/descriptors';
import { expect, it } from 'vitest';
import { operationsWithLongerDeadline } from './deadlines.ts';

it('gives longer deadlines only to operations that exist', () => {
  const unknown = operationsWithLongerDeadline.filter((operation) => {
    const [service, method] = operation.split('/');
    return !registry.getService(service!)?.methods.some(({ name }) => name === method);
  });
  expect(unknown).toEqual([]);
});
