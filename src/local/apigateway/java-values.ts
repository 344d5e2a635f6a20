// Values in mapping templates: AWS runs Velocity on Java, so they print like Java's, and have the methods of Java's classes.

/** A copy whose maps print as `{a=1}` and whose lists print as JSON. Null becomes undefined, which prints as nothing. */
export function javaValue(value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return printing(value.map(javaValue), listText);
  const copy = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, javaValue(item)]));
  return printing(copy, mapText);
}

/** What a value of a template is as JSON. */
export function plainValue(value: unknown): unknown {
  return value === undefined ? null : value;
}

function printing<T extends object>(value: T, text: (value: T) => string): T {
  Object.defineProperty(value, 'toString', { value: () => text(value), enumerable: false, configurable: true });
  return value;
}

const listText = (list: readonly unknown[]): string => JSON.stringify(list.map(plainValue));

function mapText(map: Readonly<Record<string, unknown>>): string {
  return `{${Object.entries(map)
    .map(([key, value]) => `${key}=${value ?? 'null'}`)
    .join(', ')}}`;
}

type Method = (self: never, args: readonly unknown[]) => unknown;

const text = (value: unknown) => String(value ?? '');

const strings: Readonly<Record<string, (self: string, args: readonly unknown[]) => unknown>> = {
  length: (self) => self.length,
  isEmpty: (self) => self === '',
  substring: (self, [from, to]) => self.substring(Number(from), to === undefined ? undefined : Number(to)),
  indexOf: (self, [part, from]) => self.indexOf(text(part), Number(from ?? 0)),
  lastIndexOf: (self, [part]) => self.lastIndexOf(text(part)),
  toLowerCase: (self) => self.toLowerCase(),
  toUpperCase: (self) => self.toUpperCase(),
  trim: (self) => self.trim(),
  concat: (self, [part]) => self + text(part),
  replace: (self, [from, to]) => self.replaceAll(text(from), () => text(to)),
  replaceAll: (self, [pattern, to]) => self.replace(new RegExp(text(pattern), 'g'), text(to)),
  replaceFirst: (self, [pattern, to]) => self.replace(new RegExp(text(pattern)), text(to)),
  matches: (self, [pattern]) => new RegExp(`^(?:${text(pattern)})$`).test(self),
  split: (self, [pattern]) => {
    const parts = self.split(new RegExp(text(pattern)));
    while (parts.length > 1 && parts.at(-1) === '') parts.pop();
    return javaValue(parts);
  },
  startsWith: (self, [part]) => self.startsWith(text(part)),
  endsWith: (self, [part]) => self.endsWith(text(part)),
  contains: (self, [part]) => self.includes(text(part)),
  equals: (self, [other]) => self === other,
  equalsIgnoreCase: (self, [other]) => self.toLowerCase() === text(other).toLowerCase(),
  charAt: (self, [index]) => self.charAt(Number(index)),
  toString: (self: string) => self,
};

const lists: Readonly<Record<string, (self: unknown[], args: readonly unknown[]) => unknown>> = {
  size: (self) => self.length,
  isEmpty: (self) => self.length === 0,
  get: (self, [index]) => self[Number(index)],
  contains: (self, [item]) => self.includes(item),
  indexOf: (self, [item]) => self.indexOf(item),
  add: (self, args) => {
    if (args.length === 2) self.splice(Number(args[0]), 0, args[1]);
    else self.push(args[0]);
    return true;
  },
  addAll: (self, [items]) => self.push(...(items as unknown[])) >= 0,
  set: (self, [index, item]) => self.splice(Number(index), 1, item)[0],
  remove: (self, [index]) => self.splice(Number(index), 1)[0],
  toString: (self: unknown[]) => listText(self),
};

type JavaMap = Record<string, unknown>;
const maps: Readonly<Record<string, (self: JavaMap, args: readonly unknown[]) => unknown>> = {
  get: (self, [key]) => (Object.hasOwn(self, text(key)) ? self[text(key)] : undefined),
  getOrDefault: (self, [key, other]) => (Object.hasOwn(self, text(key)) ? self[text(key)] : other),
  put: (self, [key, value]) => {
    const before = self[text(key)];
    self[text(key)] = value;
    return before;
  },
  putAll: (self, [other]) => void Object.assign(self, other),
  remove: (self, [key]) => {
    const before = self[text(key)];
    delete self[text(key)];
    return before;
  },
  size: (self) => Object.keys(self).length,
  isEmpty: (self) => Object.keys(self).length === 0,
  containsKey: (self, [key]) => Object.hasOwn(self, text(key)),
  containsValue: (self, [value]) => Object.values(self).includes(value),
  keySet: (self) => javaValue(Object.keys(self)),
  values: (self) => printing(Object.values(self), listText),
  entrySet: (self) =>
    Object.entries(self).map(([key, value]) => ({ key, value, getKey: () => key, getValue: () => value })),
  toString: (self: JavaMap) => mapText(self),
};

const numbers: Readonly<Record<string, (self: number | boolean, args: readonly unknown[]) => unknown>> = {
  toString: String,
  intValue: (self) => Math.trunc(Number(self)),
  longValue: (self) => Math.trunc(Number(self)),
  doubleValue: Number,
  equals: (self, [other]) => self === other,
};

/** The method that Java has for such a value. */
export function javaMethod(self: unknown, name: string): Method | undefined {
  const table =
    typeof self === 'string' ? strings : Array.isArray(self) ? lists : typeof self === 'object' ? maps : numbers;
  // `$input`, `$util` and entries have methods of their own
  const isOwn = typeof self === 'object' && self !== null && typeof (self as JavaMap)[name] === 'function';
  if (isOwn && Object.hasOwn(self as object, name) && name !== 'toString') return undefined;
  return Object.hasOwn(table, name) ? (table[name] as Method) : undefined;
}
