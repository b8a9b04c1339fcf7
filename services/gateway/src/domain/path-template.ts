/** A path template of `google.api.http`, ready for the router and for reading its variables. */
export interface PathTemplate {
  /** As the proto says it: `/v1/{name=customers/*}:view360`. */
  readonly text: string;
  /** As the router wants it: `/v1/customers/:p0(^[^:]*)::view360`. */
  readonly route: string;
  /** Matches the paths that the route takes: `^/v1/customers/[^/:]+:view360$`. */
  readonly pattern: RegExp;
  /** One name per wildcard, for documents: `customer`. */
  readonly wildcards: readonly string[];
  /** As OpenAPI writes it: `/v1/customers/{customer}:view360`. */
  readonly documented: string;
  readonly variables: readonly PathVariable[];
}

export interface PathVariable {
  /** Where the value goes in the request message, as in the proto: `['org_unit', 'name']`. */
  readonly fieldPath: readonly string[];
  /** The value's segments: a text stands for itself, a number for the wildcard of that index. */
  readonly segments: readonly (string | number)[];
}

const piece = /\{([a-z][a-z0-9_.]*)(?:=([^{}]+))?\}|([A-Za-z0-9_.-]+|\*)/y;
const variableSegment = /^(?:[A-Za-z0-9_.-]+|\*)$/;
const verbAtEnd = /^(.*?):([A-Za-z][A-Za-z0-9]*)$/;

/**
 * Reads a path template (grammar in `google/api/http.proto`). Throws for one that cannot be served: `**` and what is not of
 * the grammar. Resource ids of this API have one segment each.
 */
export function parsePathTemplate(text: string): PathTemplate {
  const unusable = (): Error => new Error(`the path template ${text} cannot be served`);
  if (!text.startsWith('/')) throw unusable();
  // A colon inside a variable belongs to no verb; none of the grammar's literals has one.
  const [, path = text, verb] = verbAtEnd.exec(text) ?? [];

  const pieces: string[][] = [];
  const variables: PathVariable[] = [];
  const wildcards: string[] = [];
  let before = '';
  const add = (segment: string): string | number => {
    if (!variableSegment.test(segment)) throw unusable();
    pieces.push([segment]);
    if (segment !== '*') {
      before = segment;
      return segment;
    }
    wildcards.push(wildcardName(before, wildcards));
    return wildcards.length - 1;
  };

  let at = 1;
  for (;;) {
    piece.lastIndex = at;
    const match = piece.exec(path);
    if (!match) throw unusable();
    const [whole, field, pattern = '*', literal] = match;
    if (field === undefined) add(literal!);
    else variables.push({ fieldPath: field.split('.'), segments: pattern.split('/').map(add) });
    at += whole.length;
    if (at === path.length) break;
    if (path[at] !== '/') throw unusable();
    at += 1;
  }

  let index = 0;
  const segments = pieces.flat();
  const route = segments.map((segment, place) => {
    if (segment !== '*') return segment;
    // At the end a colon begins a verb: of one that nobody has the router must find nothing. An id that is empty is told by name.
    const bounded = place === segments.length - 1 ? '(^[^:]*)' : '';
    return `:p${index++}${bounded}`;
  });
  let documentedIndex = 0;
  const documented = segments.map((segment) => (segment === '*' ? `{${wildcards[documentedIndex++]!}}` : segment));
  const matching = segments.map((segment) => (segment === '*' ? '[^/:]+' : segment.replaceAll('.', '\\.')));
  return {
    text,
    pattern: new RegExp(`^/${matching.join('/')}${verb === undefined ? '' : `:${verb}`}$`),
    route: `/${route.join('/')}${verb === undefined ? '' : `::${verb}`}`,
    wildcards,
    documented: `/${documented.join('/')}${verb === undefined ? '' : `:${verb}`}`,
    variables,
  };
}

/** `customers` → `customer`, `auditEntries` → `auditEntry`; a second one of the same collection gets a number. */
function wildcardName(collection: string, taken: readonly string[]): string {
  const name = collection.replace(/ies$/, 'y').replace(/s$/, '') || 'id';
  return taken.includes(name) ? `${name}${taken.length + 1}` : name;
}

/** What an id in a path may look like. An encoded slash or colon, a blank or a control character is none. */
const idPattern = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;
export const isPathId = (text: string | undefined): text is string => text !== undefined && idPattern.test(text);

/** The value of a variable: `customers/0190…`, from the wildcards' texts in order. */
export const variableValue = ({ segments }: PathVariable, ids: readonly string[]): string =>
  segments.map((segment) => (typeof segment === 'number' ? ids[segment]! : segment)).join('/');
