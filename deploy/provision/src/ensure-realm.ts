import { type KeycloakAdmin, Refusal } from './keycloak-admin.ts';

interface Mapper {
  id?: string;
  name: string;
  [setting: string]: unknown;
}
interface Scope {
  id?: string;
  name: string;
  protocolMappers?: Mapper[];
  [setting: string]: unknown;
}
interface Client {
  id?: string;
  clientId: string;
  defaultClientScopes?: string[];
  optionalClientScopes?: string[];
  [setting: string]: unknown;
}
interface ServiceAccount {
  serviceAccountClientId: string;
  enabled?: boolean;
  clientRoles?: Record<string, string[]>;
}
interface Role {
  id: string;
  name: string;
}
interface Profile {
  attributes?: { name: string }[];
  [setting: string]: unknown;
}

/** A realm as Keycloak imports it, or as much of it as somebody wants to be so. */
export interface Realm {
  realm: string;
  localizationTexts?: Record<string, Record<string, string>>;
  clientScopes?: Scope[];
  defaultDefaultClientScopes?: string[];
  defaultOptionalClientScopes?: string[];
  clients?: Client[];
  clientScopeMappings?: Record<string, { client: string; roles: string[] }[]>;
  users?: ServiceAccount[];
  components?: Record<string, { config: Record<string, string[]> }[]>;
  [setting: string]: unknown;
}

/** What has an address of its own and is brought up by a step of its own. */
const parts = [
  'localizationTexts',
  'clientScopes',
  'defaultDefaultClientScopes',
  'defaultOptionalClientScopes',
  'clients',
  'clientScopeMappings',
  'users',
  'components',
];

/** A realm that is there: reads below its address, and changes of it, which are remembered and, on a dry run, not made. */
interface Work {
  read<T>(path: string): Promise<T>;
  change(what: string, path: string, request: Parameters<KeycloakAdmin>[1]): Promise<void>;
}

/**
 * Makes a realm, or brings one up to what is wanted: what is named becomes as it is named, a list as a whole, and everything else stays: clients, users, roles
 * and settings of others, and sessions. Gives a line for each change that was made, or would be on a dry run; none holds a value, which may be a secret.
 */
export async function ensureRealm(
  admin: KeycloakAdmin,
  wanted: Realm,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<string[]> {
  const { realm } = wanted;
  const present = await orAbsent(admin<Realm>(`/${realm}`));
  if (present === undefined) {
    if (!dryRun) await admin('', { method: 'POST', body: wanted });
    return [`realm ${realm}: made`];
  }
  const changes: string[] = [];
  const work: Work = {
    read: (path) => admin(`/${realm}${path}`),
    async change(what, path, request) {
      changes.push(what);
      if (!dryRun) await admin(`/${realm}${path}`, request);
    },
  };
  await bringSettings(work, wanted, present);
  await bringTexts(work, wanted);
  await bringScopes(work, wanted);
  await bringClients(work, wanted);
  await bringRoles(work, wanted);
  await bringProfile(work, wanted);
  return changes;
}

async function bringSettings({ change }: Work, wanted: Realm, present: Realm): Promise<void> {
  const names = Object.keys(wanted).filter((name) => !parts.includes(name) && differs(wanted[name], present[name]));
  if (names.length === 0) return;
  const body = Object.fromEntries(names.map((name) => [name, merged(present[name], wanted[name])]));
  await change(`realm ${wanted.realm}: ${names.join(', ')}`, '', { method: 'PUT', body });
}

async function bringTexts({ read, change }: Work, { localizationTexts = {} }: Realm): Promise<void> {
  for (const [locale, wanted] of Object.entries(localizationTexts)) {
    const present = await read<Record<string, string>>(`/localization/${locale}`);
    const texts = Object.fromEntries(Object.entries(wanted).filter(([key, text]) => text !== present[key]));
    if (Object.keys(texts).length === 0) continue;
    await change(`texts of ${locale}: ${Object.keys(texts).join(', ')}`, `/localization/${locale}`, {
      method: 'POST',
      body: texts,
    });
  }
}

async function bringScopes(work: Work, wanted: Realm): Promise<void> {
  const { read, change } = work;
  if (!wanted.clientScopes) return;
  const present = byName(await read<Scope[]>('/client-scopes'));
  for (const { protocolMappers = [], ...scope } of wanted.clientScopes) {
    const what = `client scope ${scope.name}`;
    const there = present.get(scope.name);
    if (!there) {
      await change(`${what}: made`, '/client-scopes', { method: 'POST', body: { ...scope, protocolMappers } });
      continue;
    }
    const path = `/client-scopes/${there.id}`;
    await bring(work, what, path, scope, there);
    const mappers = byName(there.protocolMappers ?? []);
    for (const mapper of protocolMappers) {
      const mapperPath = `${path}/protocol-mappers/models`;
      const mapped = mappers.get(mapper.name);
      if (mapped) await bring(work, `${what}, mapper ${mapper.name}`, `${mapperPath}/${mapped.id}`, mapper, mapped);
      else await change(`${what}, mapper ${mapper.name}: made`, mapperPath, { method: 'POST', body: mapper });
    }
  }
  await addDefaultScopes(work, 'default-default-client-scopes', wanted.defaultDefaultClientScopes);
  await addDefaultScopes(work, 'default-optional-client-scopes', wanted.defaultOptionalClientScopes);
}

/** What clients get that others make. Keycloak and the bank have theirs in these lists, too. */
async function addDefaultScopes({ read, change }: Work, list: string, names: string[] = []): Promise<void> {
  const members = byName(await read<Scope[]>(`/${list}`));
  const missing = names.filter((name) => !members.has(name));
  if (missing.length === 0) return;
  const scopes = byName(await read<Scope[]>('/client-scopes'));
  for (const name of missing) await change(`${list}: with ${name}`, `/${list}/${scopes.get(name)?.id}`, { method: 'PUT' });
}

async function bringClients(work: Work, { clients = [] }: Realm): Promise<void> {
  for (const client of clients) {
    const { defaultClientScopes, optionalClientScopes, ...settings } = client;
    const what = `client ${client.clientId}`;
    const there = await clientOf(work, client.clientId);
    if (!there) {
      await work.change(`${what}: made`, '/clients', { method: 'POST', body: client });
      continue;
    }
    await bring(work, what, `/clients/${there.id}`, settings, there);
    await assignScopes(work, what, `/clients/${there.id}`, {
      'default-client-scopes': defaultClientScopes,
      'optional-client-scopes': optionalClientScopes,
    });
  }
}

/** Gives the lists of scopes below a path the members that are wanted, and no others: a scope is in one list at a time, so leaving comes first. */
async function assignScopes(
  { read, change }: Work,
  what: string,
  path: string,
  lists: Record<string, string[] | undefined>,
): Promise<void> {
  const wantedLists = Object.entries(lists).flatMap(([list, names]) => (names ? [{ list, names }] : []));
  const found = await Promise.all(
    wantedLists.map(async ({ list, names }) => ({ list, names, members: await read<Scope[]>(`${path}/${list}`) })),
  );
  for (const { list, names, members } of found)
    for (const { id, name } of members.filter((member) => !names.includes(member.name)))
      await change(`${what}: ${list} without ${name}`, `${path}/${list}/${id}`, { method: 'DELETE' });
  const missing = found.flatMap(({ list, names, members }) =>
    names.filter((name) => !members.some((member) => member.name === name)).map((name) => ({ list, name })),
  );
  if (missing.length === 0) return;
  const scopes = byName(await read<Scope[]>('/client-scopes'));
  for (const { list, name } of missing)
    await change(`${what}: ${list} with ${name}`, `${path}/${list}/${scopes.get(name)?.id}`, { method: 'PUT' });
}

/** What clients' tokens may carry, and what our service accounts may do: of the clients whose roles are named, those roles and no others. */
async function bringRoles(work: Work, { clientScopeMappings = {}, users = [] }: Realm): Promise<void> {
  for (const owner of Object.keys(clientScopeMappings)) {
    const ownerId = (await clientOf(work, owner))?.id;
    const mappings = clientScopeMappings[owner]!;
    for (const { serviceAccountClientId: clientId, clientRoles } of users) {
      const client = await clientOf(work, clientId);
      // Only on a dry run: it would have been made.
      if (!client) continue;
      const account = await work.read<{ id: string; enabled?: boolean }>(`/clients/${client.id}/service-account-user`);
      const ofTokens = mappings.find((mapping) => mapping.client === clientId)?.roles ?? [];
      const tokensPath = `/clients/${client.id}/scope-mappings/clients/${ownerId}`;
      await bringRolesAt(work, `tokens of ${clientId}`, tokensPath, ofTokens, owner);
      const accountPath = `/users/${account.id}/role-mappings/clients/${ownerId}`;
      await bringRolesAt(work, `service account of ${clientId}`, accountPath, clientRoles?.[owner] ?? [], owner);
      if (account.enabled === false)
        await work.change(`service account of ${clientId}: enabled`, `/users/${account.id}`, {
          method: 'PUT',
          body: { ...account, enabled: true },
        });
    }
  }
}

async function bringRolesAt({ read, change }: Work, what: string, path: string, wanted: string[], owner: string): Promise<void> {
  const present = await read<Role[]>(path);
  const extra = present.filter(({ name }) => !wanted.includes(name));
  if (extra.length > 0) await change(`${what}: without ${namesOf(extra)} of ${owner}`, path, { method: 'DELETE', body: extra });
  const absent = wanted.filter((name) => !present.some((role) => role.name === name));
  if (absent.length === 0) return;
  const available = await read<Role[]>(`${path}/available`);
  const missing = available.filter(({ name }) => absent.includes(name));
  await change(`${what}: with ${absent.join(', ')} of ${owner}`, path, { method: 'POST', body: missing });
}

/** Which attributes users have, and who may see and change them. Those that the bank has added stay. */
async function bringProfile({ read, change }: Work, { components = {} }: Realm): Promise<void> {
  const text = components['org.keycloak.userprofile.UserProfileProvider']?.[0]?.config['kc.user.profile.config']?.[0];
  if (!text) return;
  const { attributes = [], ...settings } = JSON.parse(text) as Profile;
  const present = await read<Profile>('/users/profile');
  const there = byName(present.attributes ?? []);
  const changed = [
    ...attributes.filter((attribute) => differs(attribute, there.get(attribute.name))).map(({ name }) => name),
    ...Object.keys(settings).filter((name) => differs(settings[name], present[name])),
  ];
  if (changed.length === 0) return;
  for (const attribute of attributes) there.set(attribute.name, { ...there.get(attribute.name), ...attribute });
  const body = { ...present, ...settings, attributes: [...there.values()] };
  await change(`user profile: ${changed.join(', ')}`, '/users/profile', { method: 'PUT', body });
}

/** Puts what is there with what is wanted over it, where that makes a difference. */
async function bring(
  { change }: Work,
  what: string,
  path: string,
  wanted: Record<string, unknown>,
  present: Record<string, unknown>,
): Promise<void> {
  const names = Object.keys(wanted).filter((name) => differs(wanted[name], present[name]));
  if (names.length > 0) await change(`${what}: ${names.join(', ')}`, path, { method: 'PUT', body: merged(present, wanted) });
}

const clientOf = async ({ read }: Work, clientId: string): Promise<Client | undefined> =>
  (await read<Client[]>(`/clients?clientId=${encodeURIComponent(clientId)}`))[0];

const byName = <T extends { name: string }>(all: T[]): Map<string, T> => new Map(all.map((one) => [one.name, one]));
const namesOf = (roles: Role[]): string => roles.map(({ name }) => name).join(', ');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const masked = '**********';

/** Whether something named is not as it is named. Keycloak keeps lists in no order, says numbers and flags of maps as texts, and leaves out what is empty. */
function differs(wanted: unknown, present: unknown): boolean {
  if (isRecord(wanted)) {
    if (!isRecord(present)) return true;
    return Object.keys(wanted).some((name) => differs(wanted[name], present[name]));
  }
  if (Array.isArray(wanted)) return String([...wanted].sort()) !== String([...((present as unknown[]) ?? [])].sort());
  // The mail server's password, which nobody is shown: where one is wanted it is set anew each time.
  if (present === masked) return wanted !== '';
  return String(wanted) !== String(present ?? '');
}

/** Maps keep what is not named in them. */
const merged = (present: unknown, wanted: unknown): unknown =>
  isRecord(wanted) && isRecord(present)
    ? { ...present, ...Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, merged(present[name], value)])) }
    : wanted;

async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.httpStatus === 404) return undefined;
    throw error;
  }
}
