/** The native local stack, from servers to demo data: npm start [-- --fresh] [-- --no-demo] */
import { parseArgs } from 'node:util';
import { localDir } from './paths.ts';
import { portBaseFromEnv } from './ports.ts';
import { StackProblem } from './problem.ts';
import { startPlatform } from './start-platform.ts';
import { summary } from './summary.ts';

const began = performance.now();
const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`;
const say = (text: string) => console.log(`${elapsed()}  ${text}`);

// After a hang-up there is no terminal to write to; the stop goes on without it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const stopRequest = new AbortController();
const stopAsked = new Promise<void>((resolve) => stopRequest.signal.addEventListener('abort', () => resolve()));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    if (stopRequest.signal.aborted) return;
    say('stopping');
    stopRequest.abort();
  });
}
// The launcher is gone without a signal having reached us: nobody is left who could stop the stack.
process.on('disconnect', () => stopRequest.abort());

try {
  const { values } = parseArgs({
    options: { fresh: { type: 'boolean', default: false }, 'no-demo': { type: 'boolean', default: false } },
  });
  const platform = await startPlatform({
    dir: localDir(),
    portBase: portBaseFromEnv(process.env),
    fresh: values.fresh,
    demo: !values['no-demo'],
    onProgress: say,
    signal: stopRequest.signal,
  });
  for (const service of platform.running) {
    void service.exited.then(({ code, signal }) => {
      if (!stopRequest.signal.aborted)
        say(`the ${service.name} service ended (${signal ?? code}); its log is ${service.logFile}`);
    });
  }
  say('everything is up');
  console.log(summary(platform));
  await stopAsked;
  await platform.stop();
  say('stopped');
  process.exit(0);
} catch (error) {
  if (stopRequest.signal.aborted) {
    say('stopped');
    process.exit(130);
  }
  const argument = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!(error instanceof StackProblem) && !argument) throw error;
  console.error(`\n${(error as Error).message}`);
  process.exit(1);
}
