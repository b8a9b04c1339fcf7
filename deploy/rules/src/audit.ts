/**
 * Asks the registry for advisories about what services use from npm: npm run audit:dependencies [-- --required]. Ends with code 1 for one that
 * `audit-allowlist.yaml` does not allow, and, when required, where the registry does not answer.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { type AuditReport, judge, readAllowlist } from './audit-verdict.ts';
import { root } from './run.ts';

const { values } = parseArgs({ options: { required: { type: 'boolean', default: false } } });
const allowed = readAllowlist(parse(readFileSync(join(root, 'deploy/rules/audit-allowlist.yaml'), 'utf8')));
const verdict = judge(await audit(), allowed, new Date().toISOString().slice(0, 10));
if (verdict.state === 'UNANSWERED') {
  console.error(`The registry does not answer audits (${verdict.why}): nothing is known of the dependencies.`);
  process.exitCode = values.required ? 1 : 0;
} else {
  for (const problem of verdict.problems) console.error(problem);
  if (verdict.problems.length === 0) console.log('No advisory about a dependency stands against it.');
  process.exitCode = verdict.problems.length === 0 ? 0 : 1;
}

/** Its exit code says only that there is something in the report. */
function audit(): Promise<AuditReport> {
  return new Promise((resolve) => {
    execFile(
      'npm',
      ['audit', '--json', '--omit=dev'],
      { cwd: root, timeout: 120_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout) => {
        try {
          resolve(JSON.parse(stdout) as AuditReport);
        } catch {
          resolve({ message: error?.message.split('\n')[0] ?? 'it gave no report' });
        }
      },
    );
  });
}
