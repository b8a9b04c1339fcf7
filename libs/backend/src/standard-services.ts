import { readFileSync } from 'node:fs';
import type { GrpcServer } from '@bankcrm/service';
import type { ServerDuplexStream, ServerWritableStream, ServiceDefinition } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';

type Server = Pick<GrpcServer, 'addOpen'>;
type Watching = ServerWritableStream<unknown, unknown>;
type Asking = ServerDuplexStream<unknown, unknown>;

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

/**
 * Adds grpc.reflection: what the service can be asked, for tools without its protos. It needs no token: protos tell nothing about anybody. The
 * descriptors are read when somebody first asks, as reading them would hold up every start.
 */
export function addReflection(server: Server, service: string): void {
  let versions: Version[] | undefined;
  for (const [index, { definition }] of versionsOf(new ReflectionService({})).entries()) {
    server.addOpen(definition, {
      ServerReflectionInfo(call: Asking) {
        versions ??= versionsOf(readDescriptors(service));
        versions[index]!.answer(call);
      },
    });
  }
}

/** One version of the reflection service (v1, v1alpha). */
interface Version {
  readonly definition: ServiceDefinition;
  readonly answer: (call: Asking) => void;
}

function versionsOf(reflection: ReflectionService): Version[] {
  const versions: Version[] = [];
  reflection.addToServer({
    addService: (definition, { ServerReflectionInfo: answer }) =>
      versions.push({ definition, answer: answer as Version['answer'] }),
  });
  return versions;
}

function readDescriptors(service: string): ReflectionService {
  const file = new URL('../../../proto/gen/descriptors.binpb', import.meta.url);
  const definitions = loadFileDescriptorSetFromBuffer(readFileSync(file));
  const services = Object.keys(definitions).filter((name) => name.startsWith(`bankcrm.${service}.`));
  // Every message brings the descriptors of all files, and each would be read anew.
  const message = Object.entries(definitions).find(([, definition]) => 'fileDescriptorProtos' in definition)!;
  return new ReflectionService(Object.fromEntries([message]), { services });
}
