import { permissionTable } from '@bankcrm/access';
import { registry } from '@bankcrm/proto/descriptors';
import { type DescField, type DescMessage, getExtension, hasExtension } from '@bufbuild/protobuf';
import type { GenExtension } from '@bufbuild/protobuf/codegenv2';
import type { FieldOptions, MethodOptions } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';

type Policy = { permission: string; audit: boolean };
const policy = registry.getExtension('bankcrm.options.v1.policy') as unknown as GenExtension<MethodOptions, Policy>;
const dataClass = registry.getExtension('bankcrm.options.v1.data_class') as unknown as GenExtension<FieldOptions, number>;

const ours = [...registry].filter((type) => type.typeName.startsWith('bankcrm.') || type.typeName.startsWith('corebanking.'));
const methods = ours.flatMap((type) => (type.kind === 'service' ? type.methods : []));
const messages = ours.filter((type): type is DescMessage => type.kind === 'message');

const nameOf = (field: DescField): string => `${field.parent.typeName}.${field.name}`;

describe('the API', () => {
  it('declares a permission on every RPC', () => {
    expect(methods.length).toBeGreaterThan(30);
    const without = methods.filter(
      ({ proto }) => !proto.options || !hasExtension(proto.options, policy) || !getExtension(proto.options, policy).permission,
    );
    expect(without.map((method) => `${method.parent.typeName}/${method.name}`)).toEqual([]);
  });

  it('names only permissions that somebody has, and the table names only permissions that are asked for', () => {
    const asked = new Set(methods.map(({ proto }) => getExtension(proto.options!, policy).permission));
    const given = new Set([
      ...permissionTable.everyone,
      ...Object.values(permissionTable.roles).flatMap((role) => role.permissions),
      ...Object.values(permissionTable.services).flat(),
    ]);
    for (const permission of permissionTable.extra) asked.add(permission);
    expect([...asked].filter((permission) => !given.has(permission))).toEqual([]);
    expect([...given].filter((permission) => !asked.has(permission))).toEqual([]);
  });

  it('audits every RPC that changes state', () => {
    const reads = /^(Get|List|Count|Summarise|Watch)/;
    const silent = methods.filter(({ name, proto }) => !reads.test(name) && !getExtension(proto.options!, policy).audit);
    expect(silent.map((method) => method.name)).toEqual([]);
  });

  it('audits every RPC that shows customers, lists and counts of them included', () => {
    const silent = methods
      .filter(({ parent }) => /^bankcrm\.customer\.v1\.(Customers|Interactions)$/.test(parent.typeName))
      .filter(({ proto }) => !getExtension(proto.options!, policy).audit);
    expect(silent.map((method) => method.name)).toEqual([]);
  });

  it('gives every amount and every identifying value a data class', () => {
    const personal = /(^|_)(full_name|given_name|family_name|phone|mobile|email|address|id_number|birth_date)$/;
    const unclassed = messages
      .filter(({ typeName }) => !typeName.startsWith('bankcrm.directory.') && !typeName.startsWith('bankcrm.options.'))
      .flatMap(({ fields }) => fields)
      .filter(
        (field) =>
          personal.test(field.name) || (field.fieldKind === 'message' && /(\.Money|\.Amount)$/.test(field.message.typeName)),
      )
      .filter(({ proto }) => !proto.options || !hasExtension(proto.options, dataClass))
      .map(nameOf);
    expect(unclassed).toEqual([]);
  });
});
