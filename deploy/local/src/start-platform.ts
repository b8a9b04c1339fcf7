import { loadDemo } from './demo.ts';
import type { PortName } from './ports.ts';
import { launchService, presentServices, type RunningService } from './services.ts';
import { type ServiceName, type Stack, serviceNames, writeStack } from './stack.ts';
import { demoStaff, setDemoPasswords } from './staff.ts';
import { type RunningStack, type StartOptions, startServers, stopInOrder } from './start-servers.ts';

export type PlatformOptions = Omit<StartOptions, 'parts' | 'alsoNeedsPorts'> & {
  /** Load the demo bank's customers through Kafka (once for the life of the data). True by default. */
  demo?: boolean;
  /** Start a service anew whenever one of its files changes. */
  watch?: boolean;
  /** Laid over the environment of a service. */
  env?: Partial<Record<ServiceName, Record<string, string>>>;
};

export type RunningPlatform = Stack & {
  running: RunningService[];
  /** Services that are not in this working copy. */
  absent: ServiceName[];
  /** Stops gateway, services and servers in that order. Safe to call twice. */
  stop(): Promise<void>;
};

const portsOfService: Record<ServiceName, readonly PortName[]> = {
  directory: ['directory', 'directoryHealth'],
  customer: ['customer', 'customerHealth'],
  gateway: ['gateway', 'gatewayHealth'],
};

/** Starts the servers, the services on them, the demo staff's sign-ins and the demo bank. What was started is stopped again when a part fails. */
export async function startPlatform(options: PlatformOptions): Promise<RunningPlatform> {
  const { demo = true, env = {}, watch = false, onProgress = () => undefined, signal, ...serverOptions } = options;
  const present = presentServices();
  const servers = await startServers({
    ...serverOptions,
    onProgress,
    ...(signal === undefined ? {} : { signal }),
    alsoNeedsPorts: present.flatMap((name) => portsOfService[name]),
  });
  const running: RunningService[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopInOrder([...running.sort(laterFirst), servers]);
    return stopped;
  };
  try {
    const stack: Stack = { ...withoutStop(servers), staff: demoStaff(servers.dir) };
    writeStack(stack);
    const launch = { watch, ...(signal === undefined ? {} : { signal }) };
    await launchAll(present, running, onProgress, (name) => launchService(name, stack, env[name], launch));
    signal?.throwIfAborted();
    if (present.includes('directory')) await setDemoPasswords(stack, onProgress, signal);
    if (demo && present.includes('customer')) await loadDemo(stack, onProgress, signal);
    return { ...stack, running, absent: serviceNames.filter((name) => !present.includes(name)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Side by side: a service waits by itself for what it needs of another. All are waited for, so that none is left behind by a failure. */
async function launchAll(
  names: ServiceName[],
  running: RunningService[],
  onProgress: (text: string) => void,
  launch: (name: ServiceName) => Promise<RunningService>,
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

const laterFirst = (a: RunningService, b: RunningService) => serviceNames.indexOf(b.name) - serviceNames.indexOf(a.name);

function withoutStop({ stop: _stop, ...stack }: RunningStack): Stack {
  return stack;
}
