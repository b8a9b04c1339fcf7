import { batch, type Tx } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';

export interface Range {
  first: bigint;
  last: bigint;
}

export type FindingKind = 'GAP' | 'DOUBLE' | 'UNNUMBERED' | 'UNREADABLE';

export interface NewFinding extends Range {
  kind: FindingKind;
  service: string;
}

interface RangeRow {
  service: string;
  first: bigint;
  last: bigint;
}

/** Only one at a time compares numbers, until its transaction ends. */
export async function mayFoldNumbers(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ may: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('bankcrm/audit/numbers', 0)) AS may`,
  );
  return rows[0]!.may;
}

/** Takes the numbers of up to so many batches and adds them to those of their services. Gives how many it took, and what is wrong with them. */
export async function foldNumbers(tx: Tx, limit: number): Promise<{ batches: number; wrong: NewFinding[] }> {
  const { rows: waiting } = await tx.query<{ position: bigint }>(
    'SELECT position FROM audit.new_numbers ORDER BY position LIMIT $1',
    [limit],
  );
  if (waiting.length === 0) return { batches: 0, wrong: [] };
  const [positions] = batch(waiting, { position: 'int8' });
  // Batches of a service together, wherever no number came twice: the numbers of a batch lie scattered among those of the other partitions, and each look at what
  // is known of a service takes the longer the more scattered that is.
  const { rows: services } = await tx.query<{ service: string; is_clean: boolean }>({
    name: 'services-with-new-numbers',
    text: `
      SELECT came.service, count = coalesce((SELECT sum(upper(part) - lower(part)) FROM unnest(came.numbers) AS part), 0)
        AND NOT came.numbers && coalesce(known.numbers, '{}') AND unnumbered = 0 AS is_clean
      FROM (
        SELECT service, range_agg(numbers) AS numbers, sum(entry_count - unnumbered) AS count, sum(unnumbered) AS unnumbered
        FROM audit.new_numbers WHERE position = ANY ($1::int8[]) GROUP BY service
      ) AS came LEFT JOIN audit.numbering AS known USING (service)`,
    values: [positions],
  });
  await tx.query({
    name: 'fold-clean-numbers',
    text: `
      INSERT INTO audit.numbering AS known (service, numbers, entry_count)
      SELECT service, range_agg(numbers), sum(entry_count) FROM audit.new_numbers
      WHERE position = ANY ($1::int8[]) AND service = ANY ($2::text[]) GROUP BY service
      ON CONFLICT (service) DO UPDATE SET numbers = known.numbers + excluded.numbers, entry_count = known.entry_count + excluded.entry_count`,
    values: [positions, services.flatMap(({ service, is_clean }) => (is_clean ? [service] : []))],
  });
  const others = services.flatMap(({ service, is_clean }) => (is_clean ? [] : [service]));
  const wrong = others.length > 0 ? await foldOneByOne(tx, positions!, others) : [];
  await tx.query('DELETE FROM audit.new_numbers WHERE position = ANY ($1::int8[])', [positions]);
  return { batches: waiting.length, wrong };
}

/** Adds the batches of some services one after the other: tells which numbers came twice. */
async function foldOneByOne(tx: Tx, positions: Buffer, services: readonly string[]): Promise<NewFinding[]> {
  const { rows: batches } = await tx.query<{
    service: string;
    numbers: string;
    doubles: string;
    entry_count: bigint;
    unnumbered: bigint;
  }>(
    `SELECT service, numbers::text, doubles::text, entry_count, unnumbered FROM audit.new_numbers
     WHERE position = ANY ($1::int8[]) AND service = ANY ($2::text[]) ORDER BY position`,
    [positions, services],
  );
  const wrong: NewFinding[] = [];
  for (const { service, numbers, doubles, entry_count, unnumbered } of batches) {
    const { rows } = await tx.query<RangeRow>({
      name: 'fold-numbers',
      text: `
        WITH folded AS (
          INSERT INTO audit.numbering AS known (service, numbers, entry_count) VALUES ($1, $2::int8multirange, $3)
          ON CONFLICT (service) DO UPDATE SET numbers = known.numbers + excluded.numbers, entry_count = known.entry_count + excluded.entry_count
          RETURNING coalesce(old.numbers, '{}') * $2::int8multirange + $4::int8multirange AS doubles
        )
        SELECT lower(part) AS first, upper(part) - 1 AS last FROM folded, unnest(doubles) AS part`,
      values: [service, numbers, entry_count, doubles],
    });
    wrong.push(...rows.map(({ first, last }): NewFinding => ({ kind: 'DOUBLE', service, first, last })));
    if (unnumbered > 0n) wrong.push({ kind: service === '' ? 'UNREADABLE' : 'UNNUMBERED', service, first: 0n, last: 0n });
  }
  return wrong;
}

/** Numbers that have not come though later ones of the service have: the first so many ranges. */
export async function missingNumbers(tx: Tx, limit: number): Promise<NewFinding[]> {
  const { rows } = await tx.query<RangeRow>(
    `SELECT service, lower(part) AS first, upper(part) - 1 AS last
     FROM audit.numbering, unnest(int8multirange(int8range(1, upper(numbers))) - numbers) AS part
     WHERE NOT isempty(numbers) ORDER BY service, first LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({ kind: 'GAP', ...row }));
}

/** Keeps findings. A gap that is known stays as it is; what else is found again is found anew. Gives the new ones. */
export async function addFindings(tx: Tx, findings: readonly NewFinding[], now: Date): Promise<NewFinding[]> {
  if (findings.length === 0) return [];
  const { rows } = await tx.query<RangeRow & { kind: FindingKind }>(
    `INSERT INTO audit.finding (finding_id, kind, service, first_number, last_number, find_time)
     SELECT DISTINCT ON (kind, service, first, last) id, kind, service, first, last, $1::timestamptz
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::int8[], $6::int8[]) AS found (id, kind, service, first, last)
     ON CONFLICT (kind, service, first_number, last_number) DO UPDATE SET find_time = excluded.find_time WHERE excluded.kind <> 'GAP'
     RETURNING kind, service, first_number AS first, last_number AS last`,
    [
      now,
      ...batch(
        findings.map((finding) => ({ id: newId(), ...finding })),
        { id: 'uuid', kind: 'text', service: 'text', first: 'int8', last: 'int8' },
      ),
    ],
  );
  return rows;
}

/** Notes of the gaps that are open whether their numbers have come since. */
export async function settleGaps(tx: Tx, now: Date): Promise<void> {
  await tx.query(
    `UPDATE audit.finding SET settle_time = $1 FROM audit.numbering
     WHERE kind = 'GAP' AND settle_time IS NULL AND finding.service = numbering.service
       AND numbering.numbers @> int8range(first_number, last_number + 1)`,
    [now],
  );
}

/** Findings that are open, and those among them that were found since. */
export async function openFindings(tx: Tx, since: Date): Promise<{ all: bigint; fresh: bigint }> {
  const { rows } = await tx.query<{ all: bigint; fresh: bigint }>(
    'SELECT count(*) AS all, count(*) FILTER (WHERE find_time > $1) AS fresh FROM audit.finding WHERE settle_time IS NULL',
    [since],
  );
  return rows[0]!;
}
