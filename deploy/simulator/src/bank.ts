import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { UsageError } from './usage-error.ts';

/** A unit that keeps customers, with the staff who may hold them. */
export type HomeBranch = { code: string; name: string; rms: readonly string[]; seniorRms: readonly string[] };
/** What the simulator needs to know of the bank. */
export type Bank = { branches: readonly HomeBranch[] };

type OrgUnit = { code: string; name: string; kind: string; parent?: string };
type StaffMember = { staff_number: string; posts: { org_unit: string; role: string }[] };

/** The bank that stands in when no file is named: three cities, eight sub-branches, as in the local stack's demo bank. */
export const builtInBank: Bank = {
  branches: [
    ['BJ-CY', '北京朝阳支行'],
    ['BJ-HD', '北京海淀支行'],
    ['BJ-XC', '北京西城支行'],
    ['SH-PD', '上海浦东支行'],
    ['SH-JA', '上海静安支行'],
    ['SH-XH', '上海徐汇支行'],
    ['GZ-TH', '广州天河支行'],
    ['GZ-YX', '广州越秀支行'],
  ].map(([code, name], position) => {
    // Staff numbers run on: two managers and a senior one to each branch.
    const first = 100_001 + 3 * position;
    return { code: code as string, name: name as string, rms: [`${first}`, `${first + 1}`], seniorRms: [`${first + 2}`] };
  }),
};

/**
 * Reads a bank file: `org_units: [{code, name, kind, parent}]`, `staff: [{staff_number, posts: [{org_unit, role}]}]`.
 * Customers live at units of kind `sub-branch`; where there are none, at units without children. Managers are those
 * with role `rm` or `senior-rm` there, or for private banking at the unit above.
 */
export function readBank(file: string): Bank {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`--bank: cannot read ${file}. Name a YAML file with org_units and staff, or leave --bank out.`, {
      cause,
    });
  }
  return toBank(parse(text), file);
}

/** The same from parsed YAML; `source` names it in errors. */
export function toBank(content: unknown, source: string): Bank {
  const { org_units: units, staff } = (content ?? {}) as { org_units?: OrgUnit[]; staff?: StaffMember[] };
  if (!Array.isArray(units) || units.length === 0)
    throw new UsageError(`--bank: ${source} has no org_units; list at least one sub-branch.`);
  const holders = (unitCode: string | undefined, role: string) =>
    (Array.isArray(staff) ? staff : [])
      .filter((member) => member.posts?.some((post) => post.org_unit === unitCode && post.role === role))
      .map((member) => String(member.staff_number));
  const parents = new Set(units.map((unit) => unit.parent));
  const subBranches = units.filter((unit) => unit.kind?.toLowerCase().replaceAll('_', '-') === 'sub-branch');
  const homes = subBranches.length > 0 ? subBranches : units.filter((unit) => !parents.has(unit.code));
  return {
    branches: homes.map((unit) => {
      const seniorHere = holders(unit.code, 'senior-rm');
      return {
        code: unit.code,
        name: unit.name,
        rms: holders(unit.code, 'rm'),
        seniorRms: seniorHere.length > 0 ? seniorHere : holders(unit.parent, 'senior-rm'),
      };
    }),
  };
}
