// fx cost --update: the prices of a region from AWS's Price List, kept in the project's .fx folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../base/error.ts';
import { replaceFile } from '../base/replace-file.ts';
import {
  builtInPrices,
  type DimensionId,
  dimensionIds,
  dimensionOf,
  type PriceList,
  type Tiers,
} from '../cost/prices.ts';
import type { Environment } from '../project/environment.ts';
import { type Context, identify } from './context.ts';

const fileOf = (folder: string, region: string) => join(folder, '.fx', 'prices', `${region}.json`);

/** The prices that were read for the region, or those of fx. `folder`: that of project.yml. */
export function pricesFor(folder: string, region: string): PriceList {
  try {
    return JSON.parse(readFileSync(fileOf(folder, region), 'utf8')) as PriceList;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return builtInPrices;
    throw new FxError('USAGE', `${fileOf(folder, region)} is not what fx wrote`, {
      hint: 'fx cost --update writes it again',
      cause: error,
    });
  }
}

export interface UpdatedPrices extends PriceList {
  /** Dimensions that the list does not have under the name that fx knows: they keep the prices of fx. */
  readonly kept: readonly DimensionId[];
}

export async function updatePrices(environment: Environment, folder: string, context: Context): Promise<UpdatedPrices> {
  await identify(environment, context);
  const { region } = environment;
  const tiers: Partial<Record<DimensionId, Tiers>> = {};
  const dates: string[] = [];
  const queries = new Map(
    dimensionIds.flatMap((id) => {
      const { listed } = dimensionOf(id);
      return listed === undefined ? [] : [[`${listed.service} ${listed.family ?? ''}`, listed] as const];
    }),
  );
  for (const { service, family } of queries.values()) {
    const prices = await context.aws.prices.list(service, { region, family });
    const byType = new Map(prices.map((price) => [withoutRegion(price.usageType), price]));
    for (const id of dimensionIds) {
      const { listed } = dimensionOf(id);
      const price = listed?.service === service ? byType.get(listed.usageType) : undefined;
      if (price === undefined) continue;
      // what is free is in a tier of its own
      tiers[id] = paid(price.tiers);
      if (price.date !== undefined) dates.push(price.date);
    }
  }
  if (Object.keys(tiers).length === 0) {
    throw new FxError('AWS_REFUSED', `the Price List has no prices of ${region}`, {
      hint: 'is that the right region?',
    });
  }
  const list: PriceList = {
    region,
    date: (dates.sort().at(-1) ?? new Date(context.now()).toISOString()).slice(0, 10),
    tiers,
  };
  replaceFile(fileOf(folder, region), `${JSON.stringify(list, null, 2)}\n`);
  return { ...list, kept: dimensionIds.filter((id) => tiers[id] === undefined) };
}

/** `EUC1-Request` → `Request`; US East has a prefix in some services only. */
function withoutRegion(usageType: string): string {
  return usageType.replace(/^[A-Z]{2,4}\d?-(?=[A-Z])/, '');
}

/** Without a first tier that costs nothing: fx counts the free tier itself. */
function paid(tiers: Tiers): Tiers {
  const [first, second] = tiers;
  return first?.[1] === 0 && second !== undefined
    ? tiers.slice(1).map(([from, each], index) => [index === 0 ? 0 : from, each])
    : tiers;
}
