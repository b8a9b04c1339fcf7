/** All tests in their order, or those that the arguments name: `npm test -- [files and options of vitest]`. */
import { relative } from 'node:path';
import { readManifests, repositoryRoot } from '@bankcrm/manifest';
import { startTestServers } from '@bankcrm/testing/servers.ts';
import { createVitest, parseCLI, type TestSpecification } from 'vitest/node';
import { filesChangedSince, reaches, reachOf, readWorkspaces, workBegan } from './changed.ts';
import { closing, type Problem, type Stretch } from './closing.ts';
import { partsOf } from './parts.ts';
import { type FileResult, resultsOf } from './results.ts';
import { stages } from './stages.ts';

const files: FileResult[] = [];
const problems: Problem[] = [];
const stretches: Stretch[] = [];

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const since = options.changed === true ? workBegan(repositoryRoot) : options.changed;
const vitest = await createVitest({ ...options, ...(since && { changed: since }), watch: false });
let interrupted = false;
// In the place of vitest's own listener, which ends the process at once and would leave the servers behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.removeAllListeners(signal).on(signal, () => {
    interrupted = true;
    void vitest.cancelCurrentRun('keyboard-input');
  });

await vitest.standalone();
const chosen = await choose();
const planned = stages
  .map((stage) => ({ ...stage, specifications: chosen.filter(({ project }) => stage.projects.includes(project.name)) }))
  .filter(({ specifications, onRequest }) => specifications.length > 0 && (!onRequest || options.project !== undefined));

// They take half a minute, most of it waiting: the tests that do without them run meanwhile.
const servers = planned.some(({ onServers }) => onServers)
  ? measured('servers', () => startTestServers((text) => console.log(text)))
  : undefined;
servers?.catch(() => undefined);
for (const stage of planned) {
  if (interrupted) break;
  await attempt(stage.name, async () => {
    if (stage.onServers) await servers;
    await measured(stage.name, () => run(stage.specifications));
  });
}
await attempt('the end of the platform', () => vitest.close());
await attempt('the end of the servers', async () => (await servers?.catch(() => undefined))?.());
if (interrupted) problems.push({ where: 'the run', text: 'was interrupted' });

if (planned.length === 0) {
  console.log(since ? `Nothing that a test reaches differs from ${since}.` : `No test file matches ${filter.join(' ')}.`);
  process.exit(since ? 0 : 1);
}
const { text, good } = closing({ files, problems, parts: partsOf(files, readManifests()), stretches });
process.stdout.write(`\n${text}\n`, () => process.exit(good ? 0 : 1));

/** With `--changed` what a change reaches by imports, as vitest finds it, all of the rules, and on servers what it reaches by packages. */
async function choose(): Promise<TestSpecification[]> {
  const all = await vitest.globTestSpecifications(filter);
  const relevant = new Set((await vitest.getRelevantTestSpecifications(filter)).map(({ taskId }) => taskId));
  const changed = since ? filesChangedSince(String(since), repositoryRoot) : [];
  const reach = reachOf(changed, readWorkspaces(repositoryRoot));
  return all.filter(({ taskId, moduleId, project }) => {
    if (relevant.has(taskId)) return true;
    return project.name === 'rules'
      ? changed.length > 0
      : project.name !== 'unit' && reaches(reach, relative(repositoryRoot, moduleId));
  });
}

async function run(specifications: TestSpecification[]): Promise<void> {
  const { unhandledErrors } = await vitest.runTestSpecifications(specifications);
  files.push(
    ...resultsOf(
      specifications.flatMap(({ testModule }) => testModule ?? []),
      repositoryRoot,
    ),
  );
  for (const error of unhandledErrors)
    problems.push({ where: 'an error that nobody caught', text: String((error as Error).message) });
}

/** What fails here fails the run, and the run goes on. */
async function attempt(where: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.error(error);
    problems.push({ where, text: error instanceof Error ? error.message : String(error) });
  }
}

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    stretches.push({ name, seconds: (performance.now() - began) / 1_000 });
  }
}
