import { readFileSync } from 'node:fs';
import type { GrpcServer } from '@bankcrm/service';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';

type Server = Pick<GrpcServer, 'addOpen'>;
type Watching = ServerWritableStream<unknown, unknown>;

const lookEveryMs = 500;

/**
 * Adds grpc.health.v1, which says SERVING while the check holds. It needs no token: it tells nothing about anybody. The function returned looks
 * once more and ends the streams of those who watch, which would hold up the server's stop.
 */
export function addHealth(server: Server, isReady: () => boolean): () => void {
  const health = new HealthImplementation();
  let told: boolean | undefined;
  const look = (): void => {
    const ready = isReady();
    if (ready !== told) health.setStatus('', ready ? 'SERVING' : 'NOT_SERVING');
    told = ready;
  };
  look();
  const timer = setInterval(look, lookEveryMs).unref();

  const watching = new Set<Watching>();
  health.addToServer({
    addService(definition, { watch, ...others }) {
      const begin = watch as (call: Watching) => void;
      server.addOpen(definition, {
        ...others,
        watch(call: Watching) {
          watching.add(call);
          call.on('cancelled', () => watching.delete(call));
          begin(call);
        },
      });
    },
  });
  return () => {
    clearInterval(timer);
    look();
    for (const call of watching) call.end();
  };
}

/** Adds grpc.reflection: what the service can be asked, for tools without its protos. It needs no token: protos tell nothing about anybody. */
export function addReflection(server: Server, service: string): void {
  const file = new URL('../../../proto/gen/descriptors.binpb', import.meta.url);
  const definitions = loadFileDescriptorSetFromBuffer(readFileSync(file));
  const services = Object.keys(definitions).filter((name) => name.startsWith(`bankcrm.${service}.`));
  // Every message brings the descriptors of all files, and each would be read anew.
  const message = Object.entries(definitions).find(([, definition]) => 'fileDescriptorProtos' in definition)!;
  new ReflectionService(Object.fromEntries([message]), { services }).addToServer({
    addService: (definition, implementation) => server.addOpen(definition, implementation),
  });
}
