import { registry } from '@bankcrm/proto/descriptors';
import { create, type DescExtension, type DescMethod, setExtension } from '@bufbuild/protobuf';
import { MethodOptionsSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { methodOf, policyOf } from './policy.ts';

/** A method that is in no proto, with the policy given. */
function methodWith(policy: { permission?: string; linkToken?: boolean } | undefined): DescMethod {
  const real = methodOf('/bankcrm.directory.v1.Staff/GetMe');
  const options = create(MethodOptionsSchema);
  const declared = registry.getExtension('bankcrm.options.v1.policy') as DescExtension;
  if (policy) setExtension(options, declared, create(registry.getMessage('bankcrm.options.v1.Policy')!, policy));
  return { ...real, name: 'GetMe', parent: real.parent, proto: { ...real.proto, options } };
}

describe('a method', () => {
  it('names its permission, or that a link opens it', () => {
    expect(policyOf(methodWith({ permission: 'directory.me.get' }))).toMatchObject({
      permission: 'directory.me.get',
      linkToken: false,
    });
    expect(policyOf(methodWith({ linkToken: true }))).toMatchObject({ permission: '', linkToken: true });
  });

  it('with neither, or with both, is served by nobody', () => {
    expect(() => policyOf(methodWith(undefined))).toThrow('Staff/GetMe declares no policy');
    expect(() => policyOf(methodWith({}))).toThrow('Staff/GetMe names no permission');
    expect(() => policyOf(methodWith({ permission: 'directory.me.get', linkToken: true }))).toThrow('is opened by a link');
  });
});
