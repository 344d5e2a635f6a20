// Cuts lists into pages. What a service calls its token and its size, and how it refuses a token, is the service's.

export interface NamedPage<T> {
  readonly found: readonly T[];
  /** Undefined where nothing is left. */
  readonly nextToken: string | undefined;
}

/** The name that a token carries; '' without one. */
export function nameInToken(token: string | undefined): string {
  return token === undefined ? '' : decoded(token);
}

/** At most `most` of the items, which are sorted by name. The token carries the last name, so a page is right though items come and go. */
export function pageByName<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  { token, most }: PageRequest,
): NamedPage<T> {
  const after = nameInToken(token);
  const rest = items.filter((item) => nameOf(item) > after);
  const found = rest.slice(0, most);
  const last = found.at(-1);
  const more = last !== undefined && found.length < rest.length;
  return { found, nextToken: more ? encoded(nameOf(last)) : undefined };
}

interface PageRequest {
  readonly token: string | undefined;
  readonly most: number;
}

export interface Page<T> {
  readonly items: T[];
  /** Undefined on the last page. */
  readonly nextToken: string | undefined;
}

/** At most `most` items after the one whose key the token carries; undefined if no item has that key. */
export function pageAfter<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { token, most }: PageRequest,
): Page<T> | undefined {
  if (token === undefined) return firstPage(items, keyOf, most);
  const position = items.findIndex((item) => keyOf(item) === decoded(token));
  return position === -1 ? undefined : firstPage(items.slice(position + 1), keyOf, most);
}

export function firstPage<T>(items: readonly T[], keyOf: (item: T) => string, most: number): Page<T> {
  const onPage = items.slice(0, most);
  const last = onPage.at(-1);
  const isLast = last === undefined || onPage.length === items.length;
  return { items: onPage, nextToken: isLast ? undefined : encoded(keyOf(last)) };
}

/** At most `most` items from the position that the token carries; undefined if it carries none. */
export function pageFrom<T>(items: readonly T[], { token, most }: PageRequest): Page<T> | undefined {
  const position = token === undefined ? '0' : decoded(token);
  if (!/^\d+$/.test(position)) return undefined;
  const start = Number(position);
  const end = start + most;
  return { items: items.slice(start, end), nextToken: end < items.length ? encoded(String(end)) : undefined };
}

const decoded = (token: string): string => Buffer.from(token, 'base64url').toString();
const encoded = (text: string): string => Buffer.from(text).toString('base64url');
