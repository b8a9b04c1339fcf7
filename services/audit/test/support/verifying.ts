import { isSigned } from '@bankcrm/access';
import { exactTypes } from '@bankcrm/database';
import { inDatabase } from '@bankcrm/local';
import { SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { testStack } from '@bankcrm/testing';
import pg from 'pg';
import { type Verified, type VerifyOptions, verifyLog } from '../../src/app/verify-log.ts';
import type { AnchorLine, AnchorSource } from '../../src/domain/anchored-heads.ts';
import type { AnchorName, Finding } from '../../src/domain/finding.ts';
import { signedBytes } from '../../src/domain/head.ts';
import { readFileAnchor } from '../../src/store/file-anchor.ts';
import type { LogBench } from './log.ts';

/** Both anchors as they were read. */
export type Anchors = Record<AnchorName, AnchorLine[]>;

/** A connection of the superuser to the log's database. */
export async function superuser(log: Pick<LogBench, 'urls'>): Promise<pg.Client> {
  const name = new URL(log.urls.worker).pathname.slice(1);
  const client = new pg.Client({ connectionString: inDatabase(testStack().postgres.superuserUrl, name), types: exactTypes });
  await client.connect();
  return client;
}

export async function readAnchors(log: LogBench): Promise<Anchors> {
  const file: AnchorLine[] = [];
  for await (const line of readFileAnchor(log.anchorFolder)) file.push(line);
  return { file, topic: log.topicHeads.map((signed, at) => ({ line: `offset ${at}`, signed })) };
}

async function* linesOf(lines: readonly AnchorLine[]): AsyncGenerator<AnchorLine> {
  yield* lines;
}

const sourcesOf = ({ topic, file }: Anchors): AnchorSource[] => [
  { name: 'topic', lines: linesOf(topic) },
  { name: 'file', lines: linesOf(file) },
];

/** Verifies on a connection, as its open transaction sees the database. */
export function verifier(log: LogBench, client: pg.ClientBase) {
  const known = new Map<string, boolean>();
  const checkSignature = (signed: SignedHead): boolean => {
    const key = Buffer.from(
      SignedHead.encode({ head: signed.head, signature: signed.signature, keyVersion: signed.keyVersion }).finish(),
    ).toString('latin1');
    const found = known.get(key) ?? isSigned(signed, signedBytes(signed.head), log.signer.publicKeys);
    known.set(key, found);
    return found;
  };
  return async (
    anchors: Anchors,
    options: Partial<VerifyOptions> = {},
  ): Promise<Verified & { found: Finding[]; notices: string[] }> => {
    const found: Finding[] = [];
    const notices: string[] = [];
    const verified = await verifyLog(
      {
        snapshot: (work) => work(client),
        anchors: sourcesOf(anchors),
        isSigned: checkSignature,
        report: (finding) => void found.push(finding),
        notice: (text) => void notices.push(text),
      },
      { now: new Date(), ...options },
    );
    return { ...verified, found, notices };
  };
}
