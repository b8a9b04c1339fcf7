import { Client, credentials, Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import fastify from 'fastify';
import pg from 'pg';
import { readConfig, view360 } from './view.ts';

/** fastify → grpc-js → pg without any checks: `edge` is the HTTP process, `service` the one with the database. Messages are JSON texts. */
const { databaseUrl, staffId, port, grpcPort } = readConfig();
const path = '/bench.View/Get';
const same = (value: Buffer): Buffer => value;

if (process.argv[3] === 'service') {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
  const server = new Server();
  const method = {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  server.addService(
    { get: method },
    {
      get: (call: { request: Buffer }, respond: (error: Error | null, reply?: Buffer) => void) => {
        view360(pool, staffId, call.request.toString()).then(
          (view) => respond(null, Buffer.from(JSON.stringify(view ?? null))),
          (error: Error) => respond(error),
        );
      },
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${grpcPort}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()));
  });
} else {
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure());
  const server = fastify();
  server.get('/v1/customers/:id', async (req, reply) => {
    const body = await new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        same,
        same,
        Buffer.from((req.params as { id: string }).id),
        (error: ServiceError | null, value?: Buffer) => (error ? reject(error) : resolve(value!)),
      );
    });
    return reply.type('application/json').send(body);
  });
  await server.listen({ host: '127.0.0.1', port });
}
process.send?.('ready');
