// Splits lists into pages. Each service has its own names for token and page size, and its own error for an invalid token.

/** The name in a token; '' without a token. */
export function nameInToken(token: string | undefined): string {
  return token === undefined ? '' : decoded(token);
}

/** At most `most` items, which must be sorted by name. The token contains the last name, so a page stays correct when items are added or
 * deleted in between. */
export function pageByName<T>(items: readonly T[], nameOf: (item: T) => string, { token, most }: PageRequest): Page<T> {
  const after = nameInToken(token);
  return firstPage(
    items.filter((item) => nameOf(item) > after),
    nameOf,
    most,
  );
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

/** At most `most` items after the one whose key is in the token. Undefined if no item has that key. */
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

/** At most `most` items from the position in the token. Undefined if the token has no position. */
export function pageFrom<T>(items: readonly T[], { token, most }: PageRequest): Page<T> | undefined {
  const position = token === undefined ? '0' : decoded(token);
  if (!/^\d+$/.test(position)) return undefined;
  const start = Number(position);
  const end = start + most;
  return { items: items.slice(start, end), nextToken: end < items.length ? encoded(String(end)) : undefined };
}

const decoded = (token: string): string => Buffer.from(token, 'base64url').toString();
const encoded = (text: string): string => Buffer.from(text).toString('base64url');
