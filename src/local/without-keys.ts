// A map without some of its keys, such as the tags that an UntagResource leaves.

export function withoutKeys<V>(map: Readonly<Record<string, V>>, keys: readonly string[] = []): Record<string, V> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}
