// Pages of things that are sorted by name: a token carries the name of the last one shown, so a page is right though some come and go.

export interface NamedPage<T> {
  readonly found: readonly T[];
  /** Undefined where nothing is left. */
  readonly nextToken: string | undefined;
}

/** The name that a token carries; '' without one. */
export function nameInToken(token: string | undefined): string {
  return token === undefined ? '' : Buffer.from(token, 'base64url').toString();
}

/** At most `most` of the sorted items, from the token on. */
export function pageByName<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  { token, most }: { readonly token: string | undefined; readonly most: number },
): NamedPage<T> {
  const after = nameInToken(token);
  const rest = items.filter((item) => nameOf(item) > after);
  const found = rest.slice(0, most);
  const last = found.at(-1);
  const more = last !== undefined && found.length < rest.length;
  return { found, nextToken: more ? Buffer.from(nameOf(last)).toString('base64url') : undefined };
}
