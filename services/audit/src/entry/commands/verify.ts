import { parseArgs } from 'node:util';
import { kafkaConnection, openLog, parseEnv } from '@bankcrm/service';
import { type Verified, verifyLog } from '../../app/verify-log.ts';
import { Config } from '../../config.ts';
import { describeFinding } from '../../domain/finding.ts';
import { readFileAnchor } from '../../store/file-anchor.ts';
import { readTopicAnchor } from '../../store/topic-anchor.ts';
import { signatureCheck, snapshotOf, timeOf, withConnection } from './arguments.ts';
import type { Command } from './command.ts';

/** Printed at most; all are counted. */
const maxFindings = 1_000;
const progressEveryMs = 2_000;
const program = 'audit-verify';

/**
 * Computes the log anew from the database and both anchors: verify [--from TIME] [--to TIME] [--public-key FILE …]. Findings go to the standard output, a line each,
 * notes and progress to the standard error.
 */
export const verify: Command = async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, to: { type: 'string' }, 'public-key': { type: 'string', multiple: true } },
  });
  const from = values.from === undefined ? undefined : timeOf(values.from, 'from');
  const to = values.to === undefined ? undefined : timeOf(values.to, 'to');
  const config = parseEnv(Config, process.env);
  const log = openLog(program, 'error');
  const kafka = kafkaConnection(config, program);
  const startMs = performance.now();
  let toldMs = startMs;
  let found = 0;
  return withConnection(config.DATABASE_URL_WORKER, program, async (client) => {
    const verified = await verifyLog(
      {
        snapshot: snapshotOf(client),
        anchors: [
          { name: 'topic', lines: readTopicAnchor({ kafka, log, topicPrefix: config.KAFKA_TOPIC_PREFIX }) },
          { name: 'file', lines: readFileAnchor(config.ANCHOR_FOLDER) },
        ],
        isSigned: signatureCheck(values['public-key'] ?? [], config.KEYS_FILE),
        report(finding) {
          found += 1;
          if (found <= maxFindings) console.log(describeFinding(finding));
        },
        notice: (text) => console.error(`note: ${text}`),
        progress(checked, total) {
          if (performance.now() - toldMs < progressEveryMs) return;
          toldMs = performance.now();
          const percent = total > 0n ? (100n * checked) / total : 100n;
          console.error(`${checked} entries, ${percent} %, ${rateOf(checked, toldMs - startMs)} entries/s`);
        },
      },
      { now: new Date(), ...(from && { from }), ...(to && { to }) },
    );
    for (const line of summaryOf(verified, performance.now() - startMs)) console.log(line);
    return verified.findings === 0n ? 0 : 1;
  });
};

const rateOf = (entries: bigint, ms: number): number => Math.round((Number(entries) / Math.max(ms, 1)) * 1_000);

function* summaryOf({ findings, entries, heads, newest, unanchored }: Verified, ms: number): Generator<string> {
  if (findings > maxFindings) yield `and ${findings - BigInt(maxFindings)} more`;
  const covered = newest
    ? `${heads} anchored heads, the newest ${newest.number}, signed ${newest.signTime.toISOString()}`
    : 'no anchored head';
  yield `Checked: ${entries} entries and ${covered}, in ${(ms / 1_000).toFixed(1)} s (${rateOf(entries, ms)} entries/s).`;
  if (unanchored.entries > 0n) {
    yield `${unanchored.entries} entries since ${unanchored.since?.toISOString()} are not anchored yet: nobody could tell if they were changed.`;
  }
  yield findings === 0n ? 'Nothing that is anchored was changed, removed, added or moved.' : `Findings: ${findings}.`;
}
