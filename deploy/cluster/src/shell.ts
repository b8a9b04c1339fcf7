import { spawn } from 'node:child_process';

export interface Ended {
  code: number;
  /** Standard output alone. */
  output: string;
  /** And what else it said. */
  errors: string;
}

interface Options {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end; `input` is its standard input. Gives what it printed. */
export function tryRun(
  command: string,
  args: readonly string[],
  { input = '', env = process.env }: Options = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.once('error', () => reject(new Error(`${command} is not there; it has to be on the PATH`)));
    child.once('close', (code) => resolve({ code: code ?? 1, output, errors }));
    child.stdin.end(input);
  });
}

/** The same; throws with what it printed where it fails. */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<string> {
  const { code, output, errors } = await tryRun(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}\n${output}${errors}`);
  return output.trim();
}
