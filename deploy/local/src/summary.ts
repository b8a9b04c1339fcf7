import { demoArguments } from './demo.ts';
import type { StaffLogin } from './stack.ts';
import type { RunningServices } from './start-platform.ts';

/** What a person needs to know once the stack is up. */
export function summary(platform: RunningServices): string {
  const { gateway, keycloak, mail, kafka, postgres, staff, tls } = platform;
  const rm = staff.find((login) => login.roles.includes('rm'))?.staffNumber ?? '100001';
  const compliance = staff.find((login) => login.roles.includes('compliance'))?.staffNumber ?? rm;
  const steward = staff.find((login) => login.roles.includes('data-steward'))?.staffNumber ?? rm;
  const curl = tls?.required ? `curl -s --cacert ${tls.caFile}` : 'curl -s';
  const authority = tls?.required ? `\n  CA          ${tls.caFile}  (tell your browser and other tools to trust it)` : '';
  const token = (staffNumber: string) => `$(npm run --silent token -- ${staffNumber})`;
  return `
  Gateway     ${gateway.url}
  API docs    ${gateway.docsUrl}
  Keycloak    ${keycloak.baseUrl}/admin  (user ${keycloak.admin.username}, password ${keycloak.admin.password})
  Mail sink   ${mail.url}/messages
  Kafka       ${kafka.brokers.join(',')}
  PostgreSQL  ${postgres.host}:${postgres.port}${authority}
  Everything  ${platform.dir}/stack.json   Logs ${platform.logDir}

  Sign in with a staff number:
${table(staff)}

  Worth trying:
    ${curl} -H "Authorization: Bearer ${token(rm)}" '${gateway.url}/v1/customers?pageSize=5'
    ${curl} -H "Authorization: Bearer ${token(rm)}" -H 'content-type: application/json' -d '{"query":"zhangwei"}' ${gateway.url}/v1/customers:search
    ${curl} -H "Authorization: Bearer ${token(steward)}" ${gateway.url}/v1/syncStates
    ${curl} -H "Authorization: Bearer ${token(compliance)}" '${gateway.url}/v1/auditEntries?pageSize=5&filter=high_privilege=true'
    npm run audit -- verify
    npm run simulate -- --bank deploy/local/demo-bank.yaml ${demoArguments.join(' ')} --no-load --live

  Ctrl-C stops everything. npm start -- --fresh begins anew.
`;
}

/** One line for each role: its password and up to three people. */
function table(staff: StaffLogin[]): string {
  const roles = [...new Set(staff.map((login) => login.roles[0] ?? ''))];
  return roles
    .map((role) => {
      const holders = staff.filter((login) => login.roles[0] === role);
      const people = holders.slice(0, 3).map((login) => `${login.staffNumber} (${login.orgUnits.join(', ')})`);
      const more = holders.length > people.length ? ` … ${holders.length} in all` : '';
      return `    ${role.padEnd(15)} ${holders[0]?.password ?? ''}   ${people.join('  ')}${more}`;
    })
    .join('\n');
}
