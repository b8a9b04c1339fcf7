import { registry } from '@bankcrm/proto/descriptors';
import type { DescMethod } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { bindingsOf } from './bindings.ts';

const methodOf = (service: string, name: string): DescMethod =>
  registry.getService(service)!.methods.find((method) => method.name === name)!;
const exported = methodOf('bankcrm.audit.v1.AuditEntries', 'ExportAuditEntries');
const listed = methodOf('bankcrm.audit.v1.AuditEntries', 'ListAuditEntries');

describe('the binding of a stream', () => {
  it('of google.api.HttpBody answers with a file, for as long as its proto says', () => {
    expect(bindingsOf(exported)).toMatchObject([{ file: true, httpMethod: 'POST', deadlineMs: 60_000 }]);
    expect(bindingsOf(listed)).toMatchObject([{ file: false }]);
  });

  it('of anything else, or to the service, ends the start with the operation and the cause', () => {
    const why =
      /^the HTTP rule of bankcrm\.audit\.v1\.AuditEntries\/ExportAuditEntries cannot be served: it is a stream, and only one of google\.api\.HttpBody/;
    expect(() => bindingsOf({ ...exported, output: listed.output } as DescMethod)).toThrow(why);
    for (const methodKind of ['client_streaming', 'bidi_streaming'])
      expect(() => bindingsOf({ ...exported, methodKind } as DescMethod)).toThrow(why);
  });

  it('without an annotation is none', () => {
    expect(bindingsOf(methodOf('bankcrm.directory.v1.StaffFeed', 'WatchStaff'))).toEqual([]);
  });
});
