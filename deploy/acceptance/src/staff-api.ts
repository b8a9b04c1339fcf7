import {
  CreateStaffResponse,
  ListOrgUnitsResponse,
  ListStaffResponse,
  OrgUnit,
  StaffMember,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { pages } from './api.ts';
import { type Person, read } from './client.ts';

const area = 'bankcrm.directory.v1';

export async function orgUnits(person: Person): Promise<Map<string, OrgUnit>> {
  const all = await pages(person, '/v1/orgUnits', `${area}.ListOrgUnitsResponse`, ListOrgUnitsResponse, { pageSize: 200 });
  return new Map(all.flatMap((page) => page.orgUnits).map((unit) => [unit.code, unit]));
}

export async function createOrgUnit(person: Person, unit: object): Promise<OrgUnit> {
  return read(`${area}.OrgUnit`, OrgUnit, await person.post('/v1/orgUnits', unit));
}

/** Hangs a unit under another one, from the state it is in now. */
export async function moveOrgUnit(person: Person, code: string, destinationCode: string): Promise<OrgUnit> {
  const units = await orgUnits(person);
  const unit = units.get(code)!;
  const body = { destinationParent: units.get(destinationCode)!.name };
  return read(`${area}.OrgUnit`, OrgUnit, await person.post(`/v1/${unit.name}:move`, body, { 'if-match': `"${unit.etag}"` }));
}

export async function staffByNumber(person: Person, staffNumber: string): Promise<StaffMember> {
  const reply = await person.get('/v1/staff', { filter: `staff_number = "${staffNumber}"` });
  const [only] = read(`${area}.ListStaffResponse`, ListStaffResponse, reply).staff;
  if (!only) throw new Error(`there is no staff ${staffNumber}`);
  return only;
}

export type NewStaff = { staffNumber: string; displayName: string; email: string; posts: { orgUnit: string; role: string }[] };

export async function createStaff(
  person: Person,
  staff: NewStaff,
  headers: Record<string, string> = {},
): Promise<CreateStaffResponse> {
  return read(`${area}.CreateStaffResponse`, CreateStaffResponse, await person.post('/v1/staff', staff, headers));
}

/** `suspend`, `unlock` …: an act on a member of staff as it is now. */
export async function act(person: Person, staffNumber: string, verb: string, body: object = {}): Promise<StaffMember> {
  const { name, etag } = await staffByNumber(person, staffNumber);
  const needsVersion = verb !== 'unlock' && verb !== 'sendPasswordReset';
  const reply = await person.post(`/v1/${name}:${verb}`, body, needsVersion ? { 'if-match': `"${etag}"` } : {});
  return read(`${area}.StaffMember`, StaffMember, reply);
}
