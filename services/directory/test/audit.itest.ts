import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { StaffChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { eventually } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newStaffNumber, orgUnitsRpc, type Suite, serviceAccountToken, staffRpc, startSuite } from './support/harness.ts';
import { readTopic } from './support/read-topic.ts';

describe('what the directory publishes', () => {
  let suite: Suite;
  beforeAll(async () => {
    // Everything below holds over TLS as it does on loopback elsewhere.
    suite = await startSuite({ encrypted: true });
  });
  afterAll(() => suite?.stop());

  const create = async () => {
    const { orgUnits } = await suite.call(orgUnitsRpc.listOrgUnits, { pageSize: 0, pageToken: '' });
    const staffNumber = newStaffNumber();
    const { staffMember } = await suite.call(staffRpc.createStaff, {
      staffNumber,
      displayName: '独孤求败',
      email: `canary${staffNumber}@bank.example`,
      posts: [{ orgUnit: orgUnits[0]!.name, role: 'rm' }],
      requestId: '',
    });
    return staffMember!;
  };

  it('is an audit entry for every change, numbered without gaps, who did it and why, and no name or address', async () => {
    const topic = readTopic(suite, 'bankcrm.audit.v1.entries', (value) => ({
      entry: Entry.decode(value),
      raw: value.toString('latin1'),
    }));
    try {
      const member = await create();
      await suite.call(staffRpc.updateStaff, { staffMember: { ...member, email: `canary.${member.email}` } });
      await suite.call(staffRpc.sendPasswordReset, { name: member.name });
      await suite.call(staffRpc.suspendStaff, { name: member.name, reason: 'BADGE_LOST', etag: '' });
      await suite.call(staffRpc.unlockStaff, { name: member.name });
      await eventually(
        () => {
          const own = topic.seen.filter(({ key }) => key === member.name).map(({ event }) => event.entry);
          expect(own.map(({ operation, reason, highPrivilege }) => [operation.split('/')[1], reason, highPrivilege])).toEqual([
            ['CreateStaff', '', true],
            ['UpdateStaff', '', true],
            ['SendPasswordReset', '', true],
            ['SuspendStaff', 'BADGE_LOST', true],
            ['UnlockStaff', '', true],
          ]);
          const changed = ['staff_number display_name email state posts', 'email', '', 'state', ''];
          expect(own.map(({ fields }) => fields.map(({ name }) => name).join(' '))).toEqual(changed);
          for (const { dataClass } of own.flatMap(({ fields }) => fields)) expect(dataClass).toBe(DataClass.C1);
          for (const entry of own)
            expect(entry).toMatchObject({
              service: 'directory',
              actor: suite.admin.member.name,
              decision: Decision.ALLOWED,
              count: 1n,
            });
        },
        { timeoutMs: 30_000 },
      );
      // Entries of other resources lie in other partitions and are read in their own time.
      await eventually(
        () => {
          const numbers = topic.seen.map(({ event }) => Number(event.entry.number)).sort((a, b) => a - b);
          expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        },
        { timeoutMs: 30_000 },
      );
      const utf8 = Buffer.from('独孤求败').toString('latin1');
      expect(topic.seen.filter(({ event }) => event.raw.includes(utf8) || event.raw.includes('canary'))).toEqual([]);
    } finally {
      await topic.stop();
    }
  });

  it('comes by connections to PostgreSQL of which, where their URLs say so, none is plain', async () => {
    const client = new pg.Client({ connectionString: suite.stack.postgres.superuserUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ name: string; ssl: boolean }>(
        `SELECT application_name AS name, bool_and(ssl) AS ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
         WHERE datname = $1 AND application_name LIKE 'directory%' GROUP BY application_name ORDER BY application_name`,
        [new URL(suite.urls.owner).pathname.slice(1)],
      );
      const names = [
        'directory outbox relay',
        'directory states publisher',
        'directory-feed',
        'directory-request',
        'directory-worker',
      ];
      expect(rows).toEqual(names.map((name) => ({ name, ssl: true })));
    } finally {
      await client.end();
    }
  });

  it('is an entry for every refusal; a flood of like ones is counted, not listed', async () => {
    const topic = readTopic(suite, 'bankcrm.audit.v1.entries', (value) => Entry.decode(value));
    try {
      const token = await serviceAccountToken(suite.stack, 'customer');
      for (let n = 0; n < 25; n += 1) await suite.call(staffRpc.getMe, {}, token).catch(() => {});
      await eventually(
        () => {
          const refused = topic.seen.map(({ event }) => event).filter(({ decision }) => decision === Decision.REFUSED);
          expect(refused.length).toBe(10);
          for (const entry of refused)
            expect(entry).toMatchObject({
              actor: 'services/customer',
              reason: 'PERMISSION_MISSING',
              operation: 'bankcrm.directory.v1.Staff/GetMe',
            });
        },
        { timeoutMs: 30_000 },
      );
    } finally {
      await topic.stop();
    }
  });

  it('is the newest state of each person, with ids, number and state only', async () => {
    const topic = readTopic(suite, 'bankcrm.directory.v1.staff', (value) => ({
      event: StaffChanged.decode(value),
      raw: value.toString('latin1'),
    }));
    try {
      const member = await create();
      await suite.call(staffRpc.suspendStaff, { name: member.name, reason: 'TEST', etag: '' });
      await eventually(
        () => {
          const own = topic.seen.filter(({ key }) => `staff/${key}` === member.name).map(({ event }) => event);
          expect(own.map(({ event }) => event.state)).toEqual(['ACTIVE', 'SUSPENDED']);
          expect(own[1]!.event.sequence).toBeGreaterThan(own[0]!.event.sequence);
          expect(own[0]!.event.staffNumber).toBe(member.staffNumber);
          expect(own.some(({ raw }) => raw.includes('canary'))).toBe(false);
        },
        { timeoutMs: 30_000 },
      );
    } finally {
      await topic.stop();
    }
  });
});
