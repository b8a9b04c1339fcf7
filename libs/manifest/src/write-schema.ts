/** Writes `service.schema.json`, by which editors check and explain a `service.yaml`. */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Manifest } from './manifest.ts';

const schema = z.toJSONSchema(Manifest, { io: 'input' });
writeFileSync(new URL('../service.schema.json', import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
