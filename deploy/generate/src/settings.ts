import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

/** A variable that a service reads. */
export interface Setting {
  name: string;
  /** The service does not start without it. */
  needed: boolean;
  /** JSON Schema of its value in a values file. */
  schema: { type: 'integer' | 'string'; minimum?: number; maximum?: number; enum?: string[] };
}

const require = createRequire(import.meta.url);

/** The schema by which a service reads its environment. Throws where its `config.ts` exports no `Config`. */
export function configOf(service: string, root: string): z.ZodObject {
  const path = join(root, 'services', service, 'src/config.ts');
  const { Config } = require(path) as { Config?: z.ZodObject };
  if (Config === undefined) throw new Error(`${path} exports no Config`);
  return Config;
}

/** What the `config.ts` of a service reads, by its names. Throws where it exports no `Config`. */
export function settingsOf(service: string, root: string): Setting[] {
  return Object.entries(configOf(service, root).shape as Record<string, z.ZodType>)
    .map(([name, type]) => ({ name, needed: !type.safeParse(undefined).success, schema: schemaOf(type) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Lists are written as one text, as in the environment; what a schema cannot say the service says at its start. */
function schemaOf(type: z.ZodType): Setting['schema'] {
  const { type: kind, minimum, maximum, enum: values, anyOf } = z.toJSONSchema(type, { unrepresentable: 'any' });
  if (kind !== 'integer') return { type: 'string', ...(values && !anyOf ? { enum: values as string[] } : {}) };
  const bound = (value: unknown, name: 'minimum' | 'maximum') =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? { [name]: value } : {};
  return { type: 'integer', ...bound(minimum, 'minimum'), ...bound(maximum, 'maximum') };
}
