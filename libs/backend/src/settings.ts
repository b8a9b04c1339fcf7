import { type backendSettings, type serviceSettings, setting } from '@bankcrm/service';
import { z } from 'zod';

/** What a service reads that learns from the directory who works here: every one but the directory itself. */
export const staffSettings = {
  DIRECTORY_ADDRESS: setting.address,
  /** How long consumers wait at start for the staff, whose numbers messages name; without them they go on. */
  STAFF_WAIT_MS: z.coerce.number().int().min(0).default(10_000),
  /** Without a word from the directory for so long, reveals, exports and decisions are refused. */
  DIRECTORY_SILENCE_HIGH_PRIVILEGE_MS: setting.count.default(30_000),
  /** And after so long everything is. */
  DIRECTORY_SILENCE_EVERYTHING_MS: setting.count.default(600_000),
};

/** And what a service reads that keeps who sees a customer. */
export const placementSettings = {
  /** When what is known of who sees whom is older, reveals, exports and decisions are refused. */
  PLACEMENTS_SILENCE_HIGH_PRIVILEGE_MS: setting.count.default(30_000),
  /** And when it is so old everything is. */
  PLACEMENTS_SILENCE_EVERYTHING_MS: setting.count.default(600_000),
};

type Settings<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** What every configuration of a backend holds. */
export type BackendConfig = Settings<typeof serviceSettings & typeof backendSettings> &
  Partial<Settings<typeof staffSettings & typeof placementSettings>>;
