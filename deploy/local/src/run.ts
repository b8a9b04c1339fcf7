import { parseArgs } from 'node:util';
import { loadDemoContent } from './demo-content.ts';
import { localDir } from './paths.ts';
import { portBaseFromEnv } from './ports.ts';
import { StackProblem } from './problem.ts';
import { type RunningServices, startPlatform } from './start-platform.ts';
import { summary } from './summary.ts';

/** The whole life of a stack in a terminal: starts it, says where things are, and stops it in order when told to. Ends the process. */
export async function run(options: { watch: boolean }): Promise<never> {
  const say = narrator();
  const stopRequest = stopRequested(say);
  let platform: RunningServices | undefined;
  try {
    const { fresh, demo, tls } = argumentsGiven();
    platform = await startPlatform({
      dir: localDir(),
      portBase: portBaseFromEnv(process.env),
      fresh,
      demo,
      tls,
      watch: options.watch,
      onProgress: say,
      signal: stopRequest,
    });
    reportEndings(platform, say, stopRequest);
    say('everything is up');
    console.log(summary(platform));
    if (demo) void loadDemoContent(platform, say, stopRequest);
  } catch (error) {
    if (!stopRequest.aborted) return endWith(error);
  }
  if (!stopRequest.aborted) await new Promise<void>((resolve) => stopRequest.addEventListener('abort', () => resolve()));
  try {
    await platform?.stop();
    say('stopped');
    return process.exit(0);
  } catch (error) {
    return endWith(error);
  }
}

function argumentsGiven(): { fresh: boolean; demo: boolean; tls: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { fresh: flag, 'no-demo': flag, tls: flag } });
  return { fresh: values.fresh, demo: !values['no-demo'], tls: values.tls };
}

/** Prints a line with the time since the start. After a hang-up there is no terminal to write to; the stop goes on without it. */
function narrator(): (text: string) => void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const began = performance.now();
  return (text) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

/** Aborts at the first Ctrl-C, termination or hang-up, or when the launcher is gone without any: nobody is left then who could stop the stack. */
function stopRequested(say: (text: string) => void): AbortSignal {
  const request = new AbortController();
  const ask = () => {
    if (request.signal.aborted) return;
    say('stopping');
    request.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect']) process.on(name, ask);
  return request.signal;
}

function reportEndings(platform: RunningServices, say: (text: string) => void, stopRequest: AbortSignal): void {
  for (const { name, exited, logFile } of platform.running) {
    void exited.then(({ code, signal }) => {
      if (!stopRequest.aborted) say(`the ${name} service ended (${signal ?? code}); its log is ${logFile}`);
    });
  }
}

/** What a person can act on is shown as a sentence, anything else with its stack. */
function endWith(error: unknown): never {
  const isArgument = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(error instanceof StackProblem || isArgument ? `\n${(error as Error).message}` : error);
  process.exit(1);
}
