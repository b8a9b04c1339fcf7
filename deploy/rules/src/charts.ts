import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goTool } from '@bankcrm/local';

const run = promisify(execFile);
const limitMs = 120_000;
const release = 'bankcrm';
/** Kubernetes that the committed output is for. */
export const newest = '1.34.4';
/** What a cluster of the examples has besides, as options of Helm. */
export const installed = ['cert-manager.io/v1', 'monitoring.coreos.com/v1'].flatMap((api) => ['--api-versions', api]);
const suffix = '.rendered.yaml';

/** Charts in a folder of their own, each with what it depends on within. */
export interface Charts {
  folder: string;
  names: readonly string[];
  /** Runs Helm there. Gives what it printed; throws with what it said where it fails. */
  helm(...args: readonly string[]): Promise<string>;
  discard(): void;
}

/** The charts of a tree, ready for Helm; the tree stays as it is, and so does what Helm keeps of the person who runs it. */
export async function assembleCharts(root: string): Promise<Charts> {
  const program = await goTool('helm');
  const folder = mkdtempSync(join(tmpdir(), 'bankcrm-charts-'));
  const home = join(folder, '.helm');
  const env = { ...process.env, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const helm = async (...args: readonly string[]): Promise<string> => {
    try {
      return (await run(program, [...args], { cwd: folder, env, timeout: limitMs, maxBuffer: 16 * 1024 * 1024 })).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`helm ${args[0]} ${args[1]} failed:\n${stdout}${stderr}`, { cause: error });
    }
  };
  const discard = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const isFetched = (path: string): boolean => /\/(charts|Chart\.lock)$/.test(path);
    cpSync(join(root, 'helm'), folder, { recursive: true, filter: (path) => !isFetched(path) });
    const names = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const fetch = (name: string) => helm('dependency', 'update', '--skip-refresh', name);
    await Promise.all(names.filter((name) => name !== 'bankcrm' && name !== 'common').map(fetch));
    // The umbrella takes the others as they are then.
    await fetch('bankcrm');
    return { folder, names, helm, discard };
  } catch (error) {
    discard();
    throw error;
  }
}

/** Names of the umbrella's examples in a tree. */
export const examplesOf = (root: string): string[] =>
  readdirSync(join(root, 'helm/bankcrm/examples'))
    .filter((name) => name.endsWith('.yaml') && !name.endsWith(suffix))
    .map((name) => name.slice(0, -'.yaml'.length));

/** What `helm install` of an example would apply, jobs included, on a version of Kubernetes: YAML documents. */
export const renderExample = ({ helm }: Charts, example: string, kubernetes = newest): Promise<string> =>
  helm(
    ...['template', 'bankcrm', '--name-template', release, '--namespace', release, '--kube-version', kubernetes, ...installed],
    ...['--values', `bankcrm/examples/${example}.yaml`],
  );

/** Where the output of an example is committed, from the root of the tree. */
export const renderedPath = (example: string): string => `helm/bankcrm/examples/${example}${suffix}`;

/** Makes archives of the umbrella, with all that it depends on, in a folder. Gives what Helm said of it. */
export const packageCharts = ({ helm }: Charts, out: string): Promise<string> => helm('package', 'bankcrm', '--destination', out);

/** The committed output of an example; undefined where there is none. */
export function committedOutput(root: string, example: string): string | undefined {
  try {
    return readFileSync(join(root, renderedPath(example)), 'utf8');
  } catch {
    return undefined;
  }
}
