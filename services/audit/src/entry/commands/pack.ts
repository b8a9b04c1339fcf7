import { inTransaction, nobody, openPool } from '@bankcrm/database';
import { appendToOutbox } from '@bankcrm/events';
import { AppError, systemClock } from '@bankcrm/kernel';
import { AuditPacksService } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { auditEntry, auditEvent, parseEnv } from '@bankcrm/service';
import { makePack } from '../../app/make-pack.ts';
import { Config } from '../../config.ts';
import type { ActCount, Pack } from '../../domain/pack.ts';
import { packName, parseQuarter, type Quarter } from '../../domain/quarter.ts';
import type { Command } from './command.ts';
import { callOfService } from './own-call.ts';

/** Makes the pack of a quarter under the service's own name and prints it: `pack 2026Q4`. */
export const pack: Command = async ([text, ...more]) => {
  if (text === undefined || more.length > 0) throw new Error('Of which quarter? pack 2026Q4');
  const quarter = parseQuarter(text);
  const { DATABASE_URL_WORKER: url, BANK_TIME_ZONE: timeZone } = parseEnv(Config, process.env);
  const workers = openPool({ url, name: 'audit-pack', maxConnections: 1, statementTimeoutMs: 60_000 });
  try {
    const made = await inTransaction(workers, nobody, async (tx) => {
      const now = systemClock.now();
      const result = await makePack(tx, quarter, { now, timeZone });
      const facts = { service: 'audit', time: now, resource: packName(quarter), count: result.pack.entryCount };
      await appendToOutbox(tx, [auditEvent(auditEntry(callOfService(AuditPacksService.createAuditPack.path), facts))]);
      return result;
    });
    for (const line of linesOf(quarter, made, timeZone)) console.log(line);
    return 0;
  } catch (error) {
    const why = error instanceof AppError ? refusals[error.reason] : undefined;
    if (why === undefined) throw error;
    console.log(why);
    return 1;
  } finally {
    await workers.end();
  }
};

const refusals: Readonly<Record<string, string>> = {
  QUARTER_NOT_BEGUN: 'The quarter has not begun yet.',
  NOT_YET_ANCHORED: 'The newest entries are not anchored yet: try again shortly.',
  PACK_SIGNED_OFF: 'The pack is signed off already.',
};

function linesOf(quarter: Quarter, { pack, counts }: { pack: Pack; counts: readonly ActCount[] }, timeZone: string): string[] {
  const local = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const cells = counts.map(({ actor, operation, decision, count }) => [
    actor,
    // Of `bankcrm.customer.v1.Customers/RevealFields` what says something to people.
    operation.slice(operation.lastIndexOf('.') + 1),
    decision === Decision.REFUSED ? 'refused' : 'allowed',
    count.toLocaleString('en'),
  ]);
  const rows = [['Person', 'Act', 'Decision', 'Count'], ...cells];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  const table = rows.map((row) =>
    row.map((cell, at) => (at === 3 ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join('  '),
  );
  return [
    `High-privilege acts of ${quarter}, from ${local.format(pack.start)} to before ${local.format(pack.end)} (${timeZone})`,
    '',
    ...(counts.length === 0 ? ['None.'] : table),
    '',
    `${pack.entryCount.toLocaleString('en')} entries, all covered by head ${pack.head}; SHA-256 over them ${pack.entriesHash.toString('hex')}`,
    `Sign off: POST /v1/${packName(quarter)}:signOff with what the review found.`,
  ];
}
