import { appendFileSync, mkdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import { telemetryFile } from './run.ts';

const maxBodyBytes = 32 * 1024 * 1024;

/**
 * Takes OTLP over HTTP in JSON at `/otlp/{service}/v1/{traces|metrics}` and keeps each export, as it came, as a line of the service's file.
 * Gives the status to answer with.
 */
export async function collect(dir: string, path: string, req: IncomingMessage): Promise<number> {
  const [, , service = 'unknown'] = path.split('/');
  if (!(req.headers['content-type'] ?? '').includes('json')) return 415;
  const body = await bodyOf(req);
  const file = telemetryFile(dir, service);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${body}\n`);
  return 200;
}

export async function bodyOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error('the export is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
