import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { ServiceName, Stack } from '@bankcrm/local';
import { bodyOf, collect } from './collector.ts';
import type { Processes } from './processes.ts';
import { setUpPort } from './run.ts';

type Act = (processes: Processes, target: string, body: string) => Promise<void> | void;

/** `POST /{verb}/{target}` with a signal's name or, for `start`, variables as JSON. */
const acts: Readonly<Record<string, Act>> = {
  end: (processes, target, body) => processes.end(target as ServiceName, body as NodeJS.Signals),
  start: (processes, target, body) => processes.start(target as ServiceName, JSON.parse(body) as Record<string, string>),
  signal: (processes, target, body) => processes.signalServer(target, body as NodeJS.Signals),
};

/** Listens for telemetry from the first moment, and for what tests ask once the platform is up. */
export async function serveSetUp(stack: Stack, processes: () => Processes | undefined): Promise<Server> {
  const answer = async (req: IncomingMessage): Promise<[number, string]> => {
    const path = req.url ?? '/';
    if (path.startsWith('/otlp/')) return [await collect(stack.dir, path, req), '{}'];
    const [, verb = '', target = ''] = path.split('/');
    const act = acts[verb];
    const running = processes();
    if (!act || !running) return [404, `there is no ${path}`];
    await act(running, target, await bodyOf(req));
    return [204, ''];
  };
  const server = createServer((req, res) => {
    answer(req).then(
      ([status, text]) => res.writeHead(status, { 'content-type': 'application/json' }).end(text),
      (error: unknown) => res.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(setUpPort(stack), '127.0.0.1', resolve);
  });
  return server;
}
