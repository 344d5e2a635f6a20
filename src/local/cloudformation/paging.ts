// Cuts a list into pages; the token of the next one says where it begins.
import { invalid } from './problem.ts';

export function page<T>(items: readonly T[], token: string | undefined, size: number): { items: T[]; next?: string } {
  const start = token === undefined ? 0 : startOf(token);
  const end = start + size;
  const next = Buffer.from(`from:${end}`).toString('base64url');
  return { items: items.slice(start, end), ...(end < items.length ? { next } : {}) };
}

function startOf(token: string): number {
  const start = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (start === undefined) throw invalid('The specified NextToken is invalid.');
  return Number(start);
}
