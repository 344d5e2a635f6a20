// CloudFormation's pages.
import { pageFrom } from '../paging.ts';
import { invalid } from './problem.ts';

export function page<T>(items: readonly T[], token: string | undefined, size: number): { items: T[]; next?: string } {
  const onPage = pageFrom(items, { token, most: size });
  if (onPage === undefined) throw invalid('The specified NextToken is invalid.');
  return { items: onPage.items, ...(onPage.nextToken === undefined ? {} : { next: onPage.nextToken }) };
}
