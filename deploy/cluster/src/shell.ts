import { spawn } from 'node:child_process';

export interface Ended {
  code: number;
  output: string;
}

interface Options {
  input?: string;
  env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end; `input` is its standard input. Gives what it printed, both ways. */
export function tryRun(
  command: string,
  args: readonly string[],
  { input = '', env = process.env }: Options = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
    child.once('error', () => reject(new Error(`${command} is not there; it has to be on the PATH`)));
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
    child.stdin.end(input);
  });
}

/** The same; throws with what it printed where it fails. */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<string> {
  const { code, output } = await tryRun(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}\n${output}`);
  return output.trim();
}
