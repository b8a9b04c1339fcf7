import { parseArgs } from 'node:util';
import { readManifests } from '@bankcrm/manifest';
import { databaseOf, roleOf } from '../database-steps.ts';
import { readEnvFiles, writeEnvFiles } from '../env-files.ts';
import { fromKubernetes, toKubernetes } from '../kubernetes-secrets.ts';
import { makeSecrets } from '../make-secrets.ts';
import { Problem } from '../problem.ts';
import { readSetting } from '../settings.ts';

const formats = ['kubernetes', 'env-files'];

/**
 * `secrets --postgres host:port [--postgres-ca path] [--in-the-clear-by-mesh] [--namespace n] [--from file]`, printed as manifests of Kubernetes Secrets, or
 * `secrets … --format env-files --out folder`. What is in the file or the folder already stays.
 */
export async function secrets(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      postgres: { type: 'string', default: '' },
      'postgres-ca': { type: 'string', default: '/etc/bankcrm/postgres/ca.crt' },
      'in-the-clear-by-mesh': { type: 'boolean', default: false },
      namespace: { type: 'string' },
      from: { type: 'string' },
      format: { type: 'string', default: 'kubernetes' },
      out: { type: 'string', default: '' },
    },
  });
  const { postgres, format, out, from } = values;
  if (!/^([\w.-]+|\[[\da-fA-F:.]+\]):\d+$/.test(postgres))
    throw new Problem('Where will services reach PostgreSQL? Give --postgres host:port.');
  if (!formats.includes(format)) throw new Problem(`--format is one of: ${formats.join(', ')}.`);
  if (format === 'env-files' && out === '') throw new Problem('Where shall the files be? Give --out <folder>.');
  const tls = values['in-the-clear-by-mesh'] ? '' : `?sslmode=verify-full&sslrootcert=${values['postgres-ca']}`;
  const manifests = readManifests();
  const kept = {
    ...(from === undefined ? {} : fromKubernetes(readSetting('--from', from).toString('utf8'), from)),
    ...(format === 'env-files' ? readEnvFiles(out) : {}),
  };
  const made = makeSecrets(
    manifests,
    kept,
    (service, role, password) => `postgres://${roleOf(service, role)}:${password}@${postgres}/${databaseOf(service)}${tls}`,
  );
  if (format === 'kubernetes') return void process.stdout.write(toKubernetes(made, values.namespace));
  writeEnvFiles(out, made, manifests);
  console.log(`The secrets stand in ${out}; only you can read them.`);
}
