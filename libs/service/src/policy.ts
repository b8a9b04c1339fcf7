import { optionReader, registry } from '@bankcrm/proto/descriptors';
import type { DescMethod } from '@bufbuild/protobuf';

/** What a method's `bankcrm.options.v1.policy` says. */
export interface Policy {
  /** Empty where `linkToken` is set. */
  permission: string;
  audit: boolean;
  highPrivilege: boolean;
  serviceOnly: boolean;
  /** Opened by a link, without sign-in. */
  linkToken: boolean;
}

const declared = optionReader<Policy>('bankcrm.options.v1.policy');

/**
 * The policy beside a method's signature. Throws at start for a method that declares none, and for one that does not name either a permission or a
 * link's token: no endpoint is open by mistake.
 */
export function policyOf(method: DescMethod): Policy {
  const name = `${method.parent.typeName}/${method.name}`;
  const policy = declared(method);
  if (!policy) throw new Error(`${name} declares no policy`);
  if (policy.linkToken && policy.permission !== '') throw new Error(`${name} names a permission and is opened by a link`);
  if (!policy.linkToken && policy.permission === '') throw new Error(`${name} names no permission`);
  return policy;
}

/** Method by its gRPC path, `/bankcrm.customer.v1.Customers/GetCustomer`. */
export function methodOf(path: string): DescMethod {
  const [, service, name] = path.split('/');
  const method = registry.getService(service ?? '')?.methods.find((candidate) => candidate.name === name);
  if (!method) throw new Error(`${path} is in no proto file`);
  return method;
}
