/** Prints an access token of a member of staff: npm run token -- <staff number> */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StackProblem } from './problem.ts';
import { signIn } from './sign-in.ts';
import { readStack } from './stack.ts';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { dir: { type: 'string' } } });

try {
  const [staffNumber] = positionals;
  if (staffNumber === undefined) throw new StackProblem('Whose token? npm run token -- <staff number>');
  console.log(await signIn(readStack(values.dir === undefined ? undefined : resolve(values.dir)), staffNumber));
} catch (error) {
  if (!(error instanceof StackProblem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
