/** Runs a command of a service on the running stack, with the service's environment: node deploy/local/src/command.ts <service> <arguments> */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { nodeBinary, repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';
import { serviceEnv } from './services.ts';
import { readStack } from './stack.ts';

const [service = '', ...args] = process.argv.slice(2);

try {
  const env = { ...process.env, ...serviceEnv(service, readStack()) };
  const program = join(repositoryRoot, 'services', service, 'src', 'command.ts');
  const child = spawn(nodeBinary, ['--disable-warning=TimeoutNegativeWarning', program, ...args], { stdio: 'inherit', env });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  if (!(error instanceof StackProblem)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
