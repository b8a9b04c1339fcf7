import { readManifests } from '@bankcrm/manifest';
import { loadDemo } from './demo.ts';
import { launchService, type RunningService } from './services.ts';
import { type Stack, writeStack } from './stack.ts';
import { demoStaff, setDemoPasswords } from './staff.ts';
import { type StartOptions, startServers, stopInOrder } from './start-servers.ts';

export type ServicesOptions = {
  /** Load the demo bank's customers through Kafka (once for the life of the data). True by default. */
  demo?: boolean;
  /** Start a service anew whenever one of its files changes. */
  watch?: boolean;
  /** Laid over the environment of a service. */
  env?: Record<string, Record<string, string>>;
  onProgress?: (text: string) => void;
  /** Gives up the start and stops what is already up. */
  signal?: AbortSignal;
};

export type PlatformOptions = Omit<StartOptions, 'parts' | 'forServices'> & ServicesOptions;

export type RunningServices = Stack & {
  running: RunningService[];
  /** Stops gateway and services in that order. Safe to call twice. */
  stop(): Promise<void>;
};

/** Starts the servers, the services on them, the demo staff's sign-ins and the demo bank. What was started is stopped again when a part fails; what is
 * returned stops the servers, too. */
export async function startPlatform(options: PlatformOptions): Promise<RunningServices> {
  const { demo, env, watch, ...serverOptions } = options;
  const { stop: stopServers, ...servers } = await startServers({ ...serverOptions, forServices: true });
  try {
    const services = await startServices(servers, options);
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= stopInOrder([services, { stop: stopServers }]);
      return stopped;
    };
    return { ...services, stop };
  } catch (error) {
    await stopServers();
    throw error;
  }
}

/** Starts the services, the demo staff's sign-ins and the demo bank on servers that run. What was started is stopped again when a part fails. */
export async function startServices(servers: Stack, options: ServicesOptions = {}): Promise<RunningServices> {
  const { demo = true, env = {}, watch = false, onProgress = () => undefined, signal } = options;
  const manifests = readManifests();
  const running: RunningService[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    // Doors first: what lets people in stops before what answers them.
    const doors = new Set(manifests.filter(({ serves }) => serves !== 'grpc').map(({ name }) => name));
    stopped ??= stopInOrder([...running].sort((a, b) => Number(doors.has(b.name)) - Number(doors.has(a.name))));
    return stopped;
  };
  try {
    const stack: Stack = { ...servers, staff: demoStaff(servers.dir) };
    writeStack(stack);
    const launch = { watch, ...(signal === undefined ? {} : { signal }) };
    await launchAll(
      manifests.map(({ name }) => name),
      running,
      onProgress,
      (name) => launchService(name, stack, env[name], launch),
    );
    signal?.throwIfAborted();
    await setDemoPasswords(stack, onProgress, signal);
    if (demo) await loadDemo(stack, onProgress, signal);
    return { ...stack, running, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Side by side: a service waits by itself for what it needs of another. All are waited for, so that none is left behind by a failure. */
async function launchAll(
  names: string[],
  running: RunningService[],
  onProgress: (text: string) => void,
  launch: (name: string) => Promise<RunningService>,
): Promise<void> {
  const settled = await Promise.allSettled(
    names.map(async (name) => {
      const began = performance.now();
      running.push(await launch(name));
      onProgress(`${name} is ready (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    }),
  );
  const failure = settled.find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
}
