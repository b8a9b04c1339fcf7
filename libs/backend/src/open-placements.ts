import { fieldCrypto } from '@bankcrm/access';
import type { Sealer } from '@bankcrm/database';
import type { KafkaConnection } from '@bankcrm/events';
import { keepsPlacements } from '@bankcrm/manifest';
import { type Placements, startPlacements } from '@bankcrm/scope';
import type { Platform } from './backend.ts';
import type { Parts } from './parts.ts';
import type { BackendConfig } from './settings.ts';

const lookEveryMs = 1_000;

export interface PlacementsParts extends Parts<BackendConfig> {
  /** Seals dead letters; without it the keys of `reply` do. */
  sealer: Sealer | undefined;
  kafka: KafkaConnection;
  repeat: Platform<unknown>['repeat'];
}

/**
 * Starts to keep who sees a customer where the manifest says that the service shows customers; undefined elsewhere. Throws for a configuration without
 * `placementSettings`, and where there is no key for dead letters.
 */
export function openPlacements({ manifest, config, keys, sealer, repeat, ...parts }: PlacementsParts): Placements | undefined {
  if (!keepsPlacements(manifest)) return undefined;
  const { PLACEMENTS_SILENCE_HIGH_PRIVILEGE_MS, PLACEMENTS_SILENCE_EVERYTHING_MS, KAFKA_TOPIC_PREFIX: topicPrefix } = config;
  if (PLACEMENTS_SILENCE_HIGH_PRIVILEGE_MS === undefined || PLACEMENTS_SILENCE_EVERYTHING_MS === undefined)
    throw new Error('the configuration lacks PLACEMENTS_SILENCE_…: placementSettings belong into it');
  const placements = startPlacements({
    ...parts,
    service: manifest.name,
    topicPrefix,
    sealer: sealer ?? fieldCrypto(keys.reply),
    silence: {
      highPrivilegeAfterMs: PLACEMENTS_SILENCE_HIGH_PRIVILEGE_MS,
      everythingAfterMs: PLACEMENTS_SILENCE_EVERYTHING_MS,
    },
  });
  repeat('look-at-placements', lookEveryMs, placements.look).soon();
  return placements;
}
