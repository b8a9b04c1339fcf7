import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

/** Comment by full name: of a message, field, enum, enum value, service or method. */
export type Comments = ReadonlyMap<string, string>;

const repositoryRoot = fileURLToPath(new URL('../../../../../', import.meta.url));
const buildLimitMs = 60_000;

/** The comments in the proto files. The committed descriptors leave them out, so buf builds them once more, with comments. */
export async function readComments(root = repositoryRoot): Promise<Comments> {
  const folder = await mkdtemp(join(tmpdir(), 'bankcrm-openapi-'));
  try {
    const image = join(folder, 'image.binpb');
    const buf = join(root, 'node_modules/.bin/buf');
    await promisify(execFile)(process.execPath, [buf, 'build', join(root, 'proto'), '--output', image], {
      timeout: buildLimitMs,
    });
    const { file } = fromBinary(FileDescriptorSetSchema, await readFile(image));
    return new Map(file.filter(({ name }) => /^(bankcrm|corebanking)\//.test(name)).flatMap((one) => [...commentsOf(one)]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Field numbers of `descriptor.proto` along which source locations name their element. */
const path = { message: 4, enumeration: 5, service: 6, field: 2, nested: 3, nestedEnum: 4, value: 2, method: 2 } as const;

function* commentsOf(file: FileDescriptorProto): Generator<[string, string]> {
  const texts = new Map<string, string>();
  for (const { path: place, leadingComments } of file.sourceCodeInfo?.location ?? []) {
    const text = leadingComments.trim().replaceAll(/\s*\n\s*/g, ' ');
    if (text !== '') texts.set(place.join('.'), text);
  }
  for (const [name, place] of places(file)) {
    const text = texts.get(place.join('.'));
    if (text !== undefined) yield [name, text];
  }
}

type Place = [name: string, path: number[]];

function* places(file: FileDescriptorProto): Generator<Place> {
  const prefix = file.package;
  for (const [index, message] of file.messageType.entries()) yield* messagePlaces(message, prefix, [path.message, index]);
  for (const [index, one] of file.enumType.entries()) yield* enumPlaces(one, prefix, [path.enumeration, index]);
  for (const [index, service] of file.service.entries()) {
    const name = `${prefix}.${service.name}`;
    yield [name, [path.service, index]];
    for (const [number, method] of service.method.entries())
      yield [`${name}.${method.name}`, [path.service, index, path.method, number]];
  }
}

function* messagePlaces(message: DescriptorProto, prefix: string, at: number[]): Generator<Place> {
  const name = `${prefix}.${message.name}`;
  yield [name, at];
  for (const [index, field] of message.field.entries()) yield [`${name}.${field.name}`, [...at, path.field, index]];
  for (const [index, inner] of message.nestedType.entries()) yield* messagePlaces(inner, name, [...at, path.nested, index]);
  for (const [index, inner] of message.enumType.entries()) yield* enumPlaces(inner, name, [...at, path.nestedEnum, index]);
}

function* enumPlaces(one: EnumDescriptorProto, prefix: string, at: number[]): Generator<Place> {
  const name = `${prefix}.${one.name}`;
  yield [name, at];
  for (const [index, value] of one.value.entries()) yield [`${name}.${value.name}`, [...at, path.value, index]];
}
