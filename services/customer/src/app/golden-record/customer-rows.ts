import { columns, type Tx } from '@bankcrm/database';
import type { FieldSource, GoldenKyc, GoldenRecord } from '../../domain/golden-record.ts';
import { nameForm, nameOrder } from '../../domain/name-order.ts';
import type { PlacedRecord } from '../../domain/placement.ts';

/** A customer's row as it stands. */
export interface StoredCustomer extends PlacedRecord {
  customerId: string;
  version: bigint;
}

interface Row {
  customer_id: string;
  kind: GoldenRecord['kind'];
  state: GoldenRecord['state'];
  full_name: string;
  short_name: string;
  primary_number: string;
  segment: string;
  org_unit_id: string | null;
  home_org_unit_code: string;
  rm_staff_id: string | null;
  rm_staff_number: string;
  dedicated_rm_staff_id: string | null;
  core_rm_staff_id: string | null;
  rm_assigned: boolean;
  restricted: boolean;
  birth_date: string | null;
  birthday: number | null;
  open_date: string | null;
  close_date: string | null;
  profile: Record<string, string>;
  income_currency: string | null;
  income_minor: bigint | null;
  kyc: GoldenKyc;
  flags: string[];
  field_sources: Record<string, FieldSource>;
  version: bigint;
}

/** Locks customers until the end of the transaction, in the order of their ids, and reads them. */
export async function lockCustomers(tx: Tx, customerIds: readonly string[]): Promise<Map<string, StoredCustomer>> {
  const { rows } = await tx.query<Row>({
    name: 'lock-customers',
    text: `
      SELECT customer_id, kind, state, full_name, short_name, primary_number, segment, org_unit_id, home_org_unit_code, rm_staff_id, rm_staff_number,
        dedicated_rm_staff_id, core_rm_staff_id, rm_assigned, restricted, birth_date, birthday, open_date, close_date, profile, income_currency, income_minor,
        kyc, flags, field_sources, version
      FROM customer.customer WHERE customer_id = ANY ($1::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE`,
    values: [columns.uuids([...customerIds])],
  });
  return new Map(rows.map((row) => [row.customer_id, stored(row)]));
}

function stored(row: Row): StoredCustomer {
  return {
    customerId: row.customer_id,
    kind: row.kind,
    state: row.state,
    fullName: row.full_name,
    shortName: row.short_name,
    primaryNumber: row.primary_number,
    segment: row.segment,
    orgUnitId: row.org_unit_id,
    homeOrgUnitCode: row.home_org_unit_code,
    rmStaffId: row.rm_staff_id,
    rmStaffNumber: row.rm_staff_number,
    rmAssigned: row.rm_assigned,
    dedicatedRmStaffId: row.dedicated_rm_staff_id,
    coreRmStaffId: row.rm_assigned ? row.core_rm_staff_id : row.rm_staff_id,
    restricted: row.restricted,
    birthDate: row.birth_date,
    birthday: row.birthday,
    openDate: row.open_date,
    closeDate: row.close_date,
    profile: row.profile,
    income:
      row.income_currency === null || row.income_minor === null
        ? null
        : { currencyCode: row.income_currency, minorUnits: row.income_minor },
    kyc: row.kyc,
    flags: row.flags,
    fieldSources: row.field_sources,
    version: row.version,
  };
}

/** A changed record and the version it gets. */
export interface ChangedCustomer {
  customerId: string;
  record: PlacedRecord;
  version: bigint;
  /** Undefined for a new customer. */
  before?: Named | undefined;
}

type Named = Pick<PlacedRecord, 'fullName' | 'shortName' | 'kind'>;

/** Whether the customer is found and sorted by another name than before. */
export const isRenamed = ({ before, record }: { before?: Named | undefined; record: Named }): boolean =>
  before?.fullName !== record.fullName || before.shortName !== record.shortName || before.kind !== record.kind;

/** Overwrites rows that the transaction holds locked. */
export async function updateCustomers(tx: Tx, changed: readonly ChangedCustomer[], now: Date): Promise<void> {
  await tx.query({
    name: 'update-customers',
    text: `
      UPDATE customer.customer AS row SET kind = new.kind, state = new.state, full_name = new.full_name, short_name = new.short_name,
        primary_number = new.primary_number, segment = new.segment, org_unit_id = new.org_unit_id, home_org_unit_code = new.home_org_unit_code,
        rm_staff_id = new.rm_staff_id, rm_staff_number = new.rm_staff_number,
        dedicated_rm_staff_id = new.dedicated_rm_staff_id, core_rm_staff_id = new.core_rm_staff_id, rm_assigned = new.rm_assigned, restricted = new.restricted, birth_date = new.birth_date,
        birthday = new.birthday, open_date = new.open_date,
        close_date = new.close_date, profile = new.profile::jsonb, income_currency = new.income_currency, income_minor = new.income_minor,
        kyc = new.kyc::jsonb, flags = string_to_array(new.flags, ','), field_sources = new.field_sources::jsonb, version = new.version,
        update_time = $22, name_order = coalesce(new.name_order, row.name_order),
        name_form = CASE WHEN new.name_order IS NULL THEN row.name_form ELSE ${nameForm} END
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::uuid[],
        $11::text[], $12::bool[], $13::date[], $14::date[], $15::date[], $16::text[], $17::text[], $18::int8[], $19::text[], $20::text[],
        $21::text[], $23::int8[], $24::int4[], $25::text[], $26::uuid[], $27::uuid[], $28::bool[]) AS new (customer_id, kind, state, full_name, short_name, primary_number, segment, org_unit_id,
        home_org_unit_code, rm_staff_id, rm_staff_number, restricted, birth_date, open_date, close_date, profile, income_currency, income_minor,
        kyc, flags, field_sources, version, birthday, name_order, dedicated_rm_staff_id,
        core_rm_staff_id, rm_assigned)
      WHERE row.customer_id = new.customer_id`,
    values: recordColumns(changed, now),
  });
}

/** Writes customers that the transaction has just made: nobody else can have written them. */
export async function insertCustomers(tx: Tx, customers: readonly ChangedCustomer[], now: Date): Promise<void> {
  await tx.query({
    name: 'insert-customers',
    text: `
      WITH new AS (
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::uuid[],
          $11::text[], $12::bool[], $13::date[], $14::date[], $15::date[], $16::text[], $17::text[], $18::int8[], $19::text[], $20::text[],
          $21::text[], $23::int8[], $24::int4[], $25::text[], $26::uuid[], $27::uuid[], $28::bool[]) AS new (customer_id, kind, state, full_name, short_name, primary_number, segment, org_unit_id,
          home_org_unit_code, rm_staff_id, rm_staff_number, restricted, birth_date, open_date, close_date, profile, income_currency, income_minor,
          kyc, flags, field_sources, version, birthday, name_order, dedicated_rm_staff_id,
        core_rm_staff_id, rm_assigned)
      ), summary AS (INSERT INTO customer.customer_summary (customer_id) SELECT customer_id FROM new)
      INSERT INTO customer.customer (customer_id, kind, state, full_name, short_name, primary_number, segment, org_unit_id, home_org_unit_code,
        rm_staff_id, rm_staff_number, restricted, birth_date, birthday, open_date, close_date, profile, income_currency, income_minor, kyc, flags,
        field_sources, version, create_time, update_time, name_order, name_form, dedicated_rm_staff_id, core_rm_staff_id, rm_assigned)
      SELECT customer_id, kind, state, full_name, short_name, primary_number, segment, org_unit_id, home_org_unit_code, rm_staff_id,
        rm_staff_number, restricted, birth_date, birthday, open_date, close_date,
        profile::jsonb, income_currency, income_minor, kyc::jsonb, string_to_array(flags, ','), field_sources::jsonb, version, $22, $22,
        name_order, ${nameForm}, dedicated_rm_staff_id, core_rm_staff_id, rm_assigned
      FROM new`,
    values: recordColumns(customers, now),
  });
}

function recordColumns(customers: readonly ChangedCustomer[], now: Date): unknown[] {
  const of = <T>(read: (record: PlacedRecord) => T): T[] => customers.map(({ record }) => read(record));
  return [
    columns.uuids(customers.map(({ customerId }) => customerId)),
    columns.texts(of((record) => record.kind)),
    columns.texts(of((record) => record.state)),
    columns.texts(of((record) => record.fullName)),
    columns.texts(of((record) => record.shortName)),
    columns.texts(of((record) => record.primaryNumber)),
    columns.texts(of((record) => record.segment)),
    columns.uuids(of((record) => record.orgUnitId)),
    columns.texts(of((record) => record.homeOrgUnitCode)),
    columns.uuids(of((record) => record.rmStaffId)),
    columns.texts(of((record) => record.rmStaffNumber)),
    columns.bools(of((record) => record.restricted)),
    columns.dates(of((record) => record.birthDate)),
    columns.dates(of((record) => record.openDate)),
    columns.dates(of((record) => record.closeDate)),
    columns.texts(of((record) => JSON.stringify(record.profile))),
    columns.texts(of((record) => record.income?.currencyCode ?? null)),
    columns.int8s(of((record) => record.income?.minorUnits ?? null)),
    columns.texts(of((record) => JSON.stringify(record.kyc))),
    columns.texts(of((record) => record.flags.join())),
    columns.texts(of((record) => JSON.stringify(record.fieldSources))),
    now,
    columns.int8s(customers.map(({ version }) => version)),
    columns.int4s(of((record) => record.birthday)),
    columns.texts(
      customers.map((customer) => (isRenamed(customer) ? nameOrder(customer.record.fullName, customer.record.kind) : null)),
    ),
    columns.uuids(of((record) => record.dedicatedRmStaffId)),
    columns.uuids(of((record) => record.coreRmStaffId)),
    columns.bools(of((record) => record.rmAssigned)),
  ];
}
