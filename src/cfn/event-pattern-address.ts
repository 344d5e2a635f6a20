// IP addresses in event patterns: ranges in CIDR notation, and equality of addresses.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-ip-matching
import { isIPv4, isIPv6 } from 'node:net';
import { PatternError, type PatternPath } from './event-pattern-language.ts';

export interface AddressRange {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The 4 or 16 bytes of an address; undefined for other texts. */
export function bytesOfAddress(text: string): readonly number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number);
  if (!/^[0-9a-f:]*$/i.test(text) || !isIPv6(text)) return undefined;
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => 0);
  return [...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

/** The addresses of a CIDR block. As in AWS's matcher, it begins at the address that is written, not at the first of its network. */
export function addressRange(text: string, path: PatternPath): AddressRange {
  const [address = '', mask = '', ...more] = text.split('/');
  const refuse = (reason: string) => new PatternError(reason, path, 'nowhere');
  if (more.length > 0 || mask === '') throw refuse("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d+$/.test(mask)) throw refuse('Malformed CIDR, mask bits must be an integer');
  const bits = Number(mask);
  if (bits < 0) throw refuse('Malformed CIDR, mask bits must not be negative');
  const from = bytesOfAddress(address);
  if (from === undefined) throw refuse(`Nonstandard IP address: ${address}`);
  const size = from.length * 8;
  if (bits >= size) throw refuse(`${size === 32 ? 'IPv4' : 'IPv6'} mask bits must be < ${size}`);
  const to = from.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, bits - i * 8))));
  return { from, to };
}

export function withinRange(address: readonly number[], { from, to }: AddressRange): boolean {
  return address.length === from.length && compared(from, address) <= 0 && compared(address, to) <= 0;
}

export function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && compared(a, b) === 0;
}

function compared(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((byte, index) => byte !== b[index]);
  return i === -1 ? 0 : (a[i] ?? 0) - (b[i] ?? 0);
}
