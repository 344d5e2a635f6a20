// Summaries of traces, and the filter expressions that choose among them.
// https://docs.aws.amazon.com/xray/latest/devguide/aws-xray-interface-console.html#xray-console-filters
import type { TraceSummary } from '@aws-sdk/client-xray';
import { notImplemented } from '../constraint.ts';
import { endOf, rootsOf, type Segment, withSubsegments } from './segment.ts';

export function summaryOf(id: string, segments: readonly Segment[], AccountId: string): TraceSummary {
  const start = Math.min(...segments.map(({ start_time }) => start_time));
  const end = Math.max(...segments.map(endOf));
  const [root] = rootsOf(segments);
  const all = segments.flatMap((segment) => [...withSubsegments(segment)]);
  const services = new Map(
    segments
      .filter(({ type }) => type !== 'subsegment')
      .map(({ name, origin }) => [`${origin} ${name}`, { Name: name, Names: [name], AccountId, Type: origin }]),
  );
  const { request, response } = root?.http ?? {};
  return {
    Id: id,
    StartTime: new Date(start * 1000),
    Duration: seconds(end - start),
    ResponseTime: seconds(root === undefined ? end - start : endOf(root) - root.start_time),
    HasFault: all.some(({ fault }) => fault === true),
    HasError: all.some(({ error }) => error === true),
    HasThrottle: all.some(({ throttle }) => throttle === true),
    IsPartial: segments.some(({ end_time }) => end_time === undefined),
    Http: { HttpURL: request?.url, HttpMethod: request?.method, HttpStatus: response?.status },
    Annotations: {},
    Users: [],
    ServiceIds: [...services.values()],
    ResourceARNs: [...new Set(segments.flatMap(({ resource_arn }) => resource_arn ?? []))].map((ARN) => ({ ARN })),
    ...(root === undefined ? {} : { EntryPoint: services.get(`${root.origin} ${root.name}`) }),
    Revision: segments.length,
  };
}

const seconds = (value: number): number => Math.round(value * 1000) / 1000;

type Test = (summary: TraceSummary) => boolean;

const keywords: Readonly<Record<string, Test>> = {
  ok: ({ HasFault, HasError }) => HasFault !== true && HasError !== true,
  error: ({ HasError }) => HasError === true,
  fault: ({ HasFault }) => HasFault === true,
  throttle: ({ HasThrottle }) => HasThrottle === true,
  partial: ({ IsPartial }) => IsPartial === true,
};
const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

/** Conditions joined by AND. What the local AWS does not know is refused by name. */
export function filterOf(expression: string | undefined): Test {
  if (expression === undefined || expression.trim() === '') return () => true;
  const tests = expression.split(/\s+AND\s+/i).map((part) => conditionOf(part.trim()));
  return (summary) => tests.every((test) => test(summary));
}

function conditionOf(text: string): Test {
  const keyword = keywords[text];
  if (keyword !== undefined) return keyword;
  const [, number, sign = '', value] = /^(responsetime|duration)\s*(=|>=?|<=?)\s*(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const compare = comparisons[sign];
  if (compare !== undefined) {
    const of = number === 'duration' ? 'Duration' : 'ResponseTime';
    return (summary) => compare(summary[of] ?? 0, Number(value));
  }
  const name = /^service\("([^"]*)"\)$/.exec(text)?.[1];
  if (name !== undefined) return ({ ServiceIds = [] }) => ServiceIds.some(({ Name }) => Name === name);
  throw notImplemented(`xray:GetTraceSummaries with the FilterExpression ${text}`);
}
