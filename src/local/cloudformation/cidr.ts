// Fn::Cidr: cuts an address block into subnets.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
import { isIPv4, isIPv6 } from 'node:net';
import { invalid } from './problem.ts';

export function subnets(block: string, count: number, hostBits: number): readonly string[] {
  const [address = '', prefixText = ''] = block.split('/');
  const size = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  const prefix = Number(prefixText);
  if (size === undefined || !/^\d+$/.test(prefixText) || prefix > size) {
    throw invalid(`Template error: Fn::Cidr contains invalid CIDR block ${block}`);
  }
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    throw invalid('Template error: Fn::Cidr count must be between 1 and 256');
  }
  if (!Number.isInteger(hostBits) || hostBits < 1 || size - hostBits < prefix) {
    throw invalid(`Template error: Fn::Cidr cannot make subnets of ${hostBits} bits in ${block}`);
  }
  const mask = size - hostBits;
  if (2 ** (mask - prefix) < count) {
    throw invalid(`Template error: Fn::Cidr ${block} has no room for ${count} subnets of ${hostBits} bits`);
  }
  const start = (toNumber(address, size) >> BigInt(size - prefix)) << BigInt(size - prefix);
  return Array.from({ length: count }, (_, index) => {
    const subnet = start + (BigInt(index) << BigInt(hostBits));
    return `${toText(subnet, size)}/${mask}`;
  });
}

function toNumber(address: string, size: 32 | 128): bigint {
  const [groups, bits] = size === 32 ? [address.split('.'), 8n] : [expanded(address), 16n];
  return groups.reduce((sum, group) => (sum << bits) + BigInt(size === 32 ? group : `0x${group}`), 0n);
}

function expanded(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  if (tail === undefined) return groups(head);
  const missing = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
}

function toText(value: bigint, size: 32 | 128): string {
  if (size === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 65535n).toString(16));
  // The longest run of zero groups is written `::`: https://www.rfc-editor.org/rfc/rfc5952#section-4.2
  const runs = groups.join(':').match(/(?:^|:)0(?::0)+(?::|$)/g) ?? [];
  const longestRun = runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
  return longestRun === '' ? groups.join(':') : groups.join(':').replace(longestRun, '::');
}
