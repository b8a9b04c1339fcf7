import fastify from 'fastify';
import pg from 'pg';
import { readConfig, view360 } from './view.ts';

/** The best simple thing: one fastify process, one pool, the same SQL, no checks at all. */
const { databaseUrl, staffId, port } = readConfig();
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
const server = fastify();
server.get('/v1/customers/:id', async (req, reply) => {
  const view = await view360(pool, staffId, (req.params as { id: string }).id);
  return view ?? reply.code(404).send({});
});
await server.listen({ host: '127.0.0.1', port });
process.send?.('ready');
