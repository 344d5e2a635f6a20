// `s3`: objects of buckets.

import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { withoutLookups } from '../../lookup-text.ts';
import { actualText, alphanumeric, idIn, withOurIds } from '../service.ts';
import { add, type EventContext, type EventRule } from './rule.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const s3: EventRule = (context) => {
  const { config } = context;
  const bucket = config.isMap && config.has('bucket') ? config.child('bucket') : config;
  const plain = bucket?.plain() ?? null;
  const event = config.isMap ? config.child('event')?.text() : undefined;
  const rules = config.isMap ? (config.child('rules')?.items() ?? []) : [];
  const existing = config.isMap && config.child('existing')?.flag() === true;
  if (config.isMap) config.child('forceDeploy')?.plain();
  const parts: Record<string, Plain> = {};
  for (const rule of rules) {
    for (const key of ['prefix', 'suffix'] as const) {
      const value = rule.child(key)?.plain();
      if (value !== undefined) parts[key] = value;
    }
  }
  const target = bucketOf(context, plain, existing, bucket ?? config);
  const kinds = event === undefined ? undefined : [event.replace(/^s3:/, '')];
  const isDefault = kinds === undefined || kinds[0] === 'ObjectCreated:*';
  if (isDefault && Object.keys(parts).length === 0 && typeof target === 'string')
    return void add(context, 's3', target);
  add(context, 's3', { bucket: target, ...(isDefault ? {} : { events: kinds }), ...parts });
};

function bucketOf({ service }: EventContext, plain: Plain, existing: boolean, from: Cursor): Plain {
  const id = idIn(plain);
  if (id !== undefined && service.resources.has(id)) return id;
  if (typeof plain !== 'string') return withOurIds(service, plain);
  const settings = service.provider?.child('s3')?.child(plain);
  const name = settings?.child('name')?.text() ?? plain;
  if (existing) return name;
  // a bucket under resources with this name, or with the id that the Serverless Framework gives it
  const theirs = `S3Bucket${alphanumeric(withoutLookups(name))}`;
  const own = [...service.resources].find(
    ([candidate, resource]) =>
      candidate === theirs ||
      (resource.child('Type')?.text() === 'AWS::S3::Bucket' &&
        resource.child('Properties')?.child('BucketName')?.text() === name),
  );
  if (own !== undefined) return own[0];
  const key = `bucket:${name}`;
  const known = service.made.get(key);
  if (known !== undefined) return known;
  const made = [...service.made.values()].includes(theirs) ? `${theirs}${service.made.size}` : theirs;
  service.made.set(key, made);
  const actual = actualText(service, name);
  const isName = actual === undefined || bucketName.test(actual);
  const path = ['resources', made];
  service.draft.set(
    path,
    { Type: 'AWS::S3::Bucket', ...(isName ? { Properties: { BucketName: name } } : {}) },
    placeOf(from),
  );
  for (const [setting, value] of settings?.entries() ?? []) {
    if (setting === 'name') continue;
    const property = setting.charAt(0).toUpperCase() + setting.slice(1);
    service.draft.set([...path, 'Properties', property], upper(withOurIds(service, value.plain())), placeOf(value));
  }
  if (!isName) {
    service.draft.changed(placeOf(from), `"${actual ?? name}" is no name of a bucket; AWS chooses one`, {
      remedy: 'set BucketName',
      beside: path,
    });
  }
  return made;
}

/** Properties in CloudFormation's case. */
function upper(value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => upper(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      /^(Ref|Fn::)/.test(key) ? key : key.charAt(0).toUpperCase() + key.slice(1),
      upper(item as Plain),
    ]),
  );
}
