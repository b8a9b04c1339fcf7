/** What somebody got wrong in one file of the new service: a change of its text, or the file left out. */
export interface Breakage {
  path: string;
  change: ((text: string) => string) | 'left out';
}

const proto = 'proto/bankcrm/kit/v1/notes.proto';
const manifest = 'services/kit/service.yaml';
const packages = 'services/kit/package.json';
const operation = 'services/kit/src/app/create-note.ts';
const migration = 'services/kit/db/migrations/0001_notes.sql';

const replace = (path: string, ...pairs: (readonly [what: string | RegExp, by: string])[]): Breakage => ({
  path,
  change: (text) =>
    pairs.reduce((changed, [what, by]) => {
      if (changed.search(what) < 0) throw new Error(`${path} does not hold ${what}`);
      return changed.replace(what, by);
    }, text),
});
const policy = /^ {4}option \(bankcrm\.options\.v1\.policy\)/m;
const audited = /^ {6}audit: true\n/m;
const withOption = (option: string): Breakage => replace(proto, [policy, `    ${option}\n$&`]);
const withField = (field: string): Breakage => replace(proto, [/^ {2}string text = 2/m, `  ${field}\n$&`]);
const withCode = (code: string): Breakage => ({ path: operation, change: (text) => `${text}\n${code}\n` });

/** For each rule, by its name, a mistake that it must not let through. */
export const breakages: Readonly<Record<string, Breakage>> = {
  'has a README': { path: 'services/kit/README.md', change: 'left out' },
  'brings what is written to it where it answers calls': { path: 'services/kit/acceptance/writing.ts', change: 'left out' },
  'asks for the same version of a package as all others': replace(packages, [/"zod": "/, '"zod": "1']),
  'asks for exact versions': replace(packages, [/"zod": "/, '"zod": "^']),

  'is declared by somebody where the simulator or a proto names it': replace(proto, [
    /topic: .*/,
    'topic: "bankcrm.kit.v1.noted"',
  ]),
  'is declared by the manifest of the service that names it': withCode("export const forgotten = 'bankcrm.kit.v1.forgotten';"),
  'are what npm run generate would write': replace(manifest, [/\[directory\.staff\.watch\]/, '[directory.staff.get]']),
  'stand in the lock file': replace('package-lock.json', [/"services\/kit": \{/, '"services/other": {']),

  'gives every column a data class': replace(migration, [/COMMENT ON COLUMN kit\.note\.text.*\n/, '']),
  'forces row-level security on every table of its own': replace(migration, [/ALTER TABLE kit\.note FORCE.*\n/, '']),

  'only adds, so that the version before goes on, unless its name ends with -contract': replace(migration, [
    /$/,
    '\nALTER TABLE kit.note ADD COLUMN title text NOT NULL;\n',
  ]),

  'has Chinese for everything that the code says of a field': replace('services/kit/src/domain/text.ts', [
    /must have 1 to 1,000 characters/,
    'must sound well',
  ]),
  'declares on every RPC a permission, or that a link opens it': replace(proto, [/ {6}permission: .*\n/, '']),
  'is opened by a link where the reviewed list says so, and nowhere else': replace(proto, [/permission: .*/, 'link_token: true']),
  'waits for no RPC longer than its server would work on it': withOption('option (bankcrm.options.v1.deadline_ms) = 90000;'),
  'asks for permissions that somebody has, and nobody has one that nothing asks for': replace(proto, [
    /notes\.create"/,
    'notes.make"',
  ]),
  'audits every RPC that changes state': replace(proto, [audited, '']),
  'audits every RPC that shows customers, lists and counts of them included': replace(
    proto,
    [audited, ''],
    [policy, '    option (bankcrm.options.v1.shows_customer) = true;\n$&'],
  ),
  'says of every RPC that it shows customers: known by its address, or by a name or a value of theirs anywhere in its answer':
    withField('string customer = 3;'),
  'has a text for every reason that the code gives, and none that it does not': withCode(
    "export const full = (): Error => denied('NOTES_FULL');",
  ),
  'says each reason once, in both languages, with the same facts': withOption(
    'option (bankcrm.options.v1.reason) = {name: "NOTES_FULL" en: "At most {limit} notes." zh: "笔记已满。"};',
  ),
  'publishes every event on a topic of its area, in the order of a text that it has': replace(proto, [
    /topic: "bankcrm\.kit\./,
    'topic: "bankcrm.customer.',
  ]),
  'gives every field a data class, but for those that tell nothing of anybody': withField('string title = 3;'),
  'gives every amount the class of financial data': replace(
    proto,
    [/^ {2}string text = 2/m, '  google.type.Money price = 3 [(bankcrm.options.v1.data_class) = DATA_CLASS_C1];\n$&'],
    [/^import "google\/api.*/m, '$&\nimport "google/type/money.proto";'],
  ),

  'pass helm lint': replace('helm/kit/Chart.yaml', [/$/, 'icon: nowhere\n']),
  'hold for each version of Kubernetes only what its schemas know': replace('helm/common/templates/_deployment.tpl', [
    'revisionHistoryLimit:',
    'revisionHistoryLimits:',
  ]),
  'make pods that Pod Security lets run at its level restricted': replace('helm/common/templates/_pod.tpl', [
    'runAsNonRoot: true',
    'runAsNonRoot: false',
  ]),
  'run every service': replace('helm/kit/templates/all.yaml', [/.+/, '']),
  'set what a service does not start without, to values that it takes': replace('helm/common/templates/_env.tpl', [
    '"OIDC_AUDIENCE"',
    '"OIDC_AUDIENCES"',
  ]),
  'set nothing that a service does not read': replace('helm/common/templates/_env.tpl', [
    '- name: OTEL_SERVICE_NAME',
    '- { name: OTEL_SERVICE, value: kit }\n$&',
  ]),
  'let nobody but the jobs that migrate be the owner of a database': replace('helm/common/templates/_env.tpl', [
    'list "request" "worker"',
    'list "request" "owner"',
  ]),
  'mount every file and folder that a variable names': replace('helm/common/templates/_pod.tpl', [
    /if \$facts\.keys/,
    'if false',
  ]),
  'take every image from the registry, by a version': replace('helm/common/templates/_names.tpl', [
    /:%s" \$image\.registry \(index \. 1\) .*\)/,
    ':latest" $image.registry (index . 1)',
  ]),
  'ask for processor time and memory, and end what takes more memory': replace('helm/common/templates/_deployment.tpl', [
    /^ {2}memory: .*\n {2}ephemeral/m,
    '  ephemeral',
  ]),
  'let nodes be drained, one replica after the other': replace('helm/common/templates/_all.tpl', [
    /(common\.replicas" \.\)\)) 1/,
    '$1 100',
  ]),
  'hold no Secret, only names of those that the installer makes': replace('helm/common/templates/_objects.tpl', [
    'kind: ServiceAccount',
    'kind: Secret',
  ]),
  'close every pod to everything before anything is opened': replace('helm/bankcrm/templates/network.yaml', [
    'part-of: bankcrm',
    'part-of: another',
  ]),
  'let a service be called by those whose manifests say so, and by no other pod': replace('helm/kit/facts.yaml', [
    /^calls:\n {2}- directory/m,
    'calls:\n  - audit',
  ]),

  'follow the lint rules': replace(proto, [/rpc CreateNote/, 'rpc create_note']),
};
