import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests, repositoryRoot } from '@bankcrm/manifest';
import { describe, expect, it } from 'vitest';
import { allImages, chosenImages, labelsOf } from './images.ts';

const all = allImages(repositoryRoot);
const names = (chosen: readonly { name: string }[]) => chosen.map(({ name }) => name);
const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');

describe('the images', () => {
  it('are one for every service and one that provisions, and Keycloak where it is named', () => {
    const services = names(readManifests(repositoryRoot));
    expect(names(chosenImages(all, []))).toEqual([...services, 'provision']);
    expect(names(chosenImages(all, ['keycloak', 'customer']))).toEqual(['customer', 'keycloak']);
  });

  it('are named where a name is none', () => {
    expect(() => chosenImages(all, ['costumer'])).toThrow(/^There is no image costumer\. There are: .*customer.*keycloak\.$/);
  });

  it('say where they come from, as far as that is known', () => {
    const sources = { version: '0.1.0', revision: 'd819d7c', epoch: 1_796_018_578 };
    const image = { name: 'quota', purpose: 'Limits.', dockerfile: 'Dockerfile', buildArgs: {} };
    const prefix = 'org.opencontainers.image';
    expect(labelsOf(image, sources)).toEqual({
      [`${prefix}.title`]: 'BankCRM quota',
      [`${prefix}.description`]: 'Limits.',
      [`${prefix}.version`]: '0.1.0',
      [`${prefix}.revision`]: 'd819d7c',
      [`${prefix}.created`]: '2026-11-30T06:02:58.000Z',
      [`${prefix}.licenses`]: 'LicenseRef-UNLICENSED',
    });
    expect(labelsOf(image, { ...sources, url: 'https://git.example/crm' })[`${prefix}.source`]).toBe('https://git.example/crm');
  });
});

describe('an official base', () => {
  it('has the version of Node that everything is tested with', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
    expect(read('deploy/docker/Dockerfile')).toContain(`ARG BASE=docker.io/library/node:${devDependencies.node}-`);
  });

  it('has the version of Keycloak that everything is tested with, built with the same options', () => {
    const [, version] = /<keycloak.version>(.*)<\/keycloak.version>/.exec(read('deploy/local/pom.xml'))!;
    const dockerfile = read('deploy/docker/keycloak.Dockerfile');
    expect(dockerfile).toContain(`ARG BASE=quay.io/keycloak/keycloak:${version}\n`);
    const [, options = ''] = /buildOptions = \[(.*?)\]/s.exec(read('deploy/local/src/keycloak-build.ts'))!;
    const [, ours = ''] = /kc\.sh", "build", (.*)\]/.exec(dockerfile)!;
    expect(ours.match(/--[^"]+/g)).toEqual(options.match(/--[^']+/g));
  });
});
