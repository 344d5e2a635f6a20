// The Price List API through the SDK.
import type { ListedPrice, Prices } from './aws.ts';
import { retryStrategy } from './retry.ts';
import { type Ask, type Config, once } from './sdk-call.ts';

/** The API is in a few regions only, and answers for all: https://docs.aws.amazon.com/general/latest/gr/billing.html */
const region = 'us-east-1';

/** The part of a product that fx reads. The API gives each product as JSON text.
 * https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html */
interface Product {
  readonly product?: { readonly attributes?: Readonly<Record<string, string>> };
  readonly terms?: { readonly OnDemand?: Readonly<Record<string, Offer>> };
  readonly publicationDate?: string;
}

interface Offer {
  readonly priceDimensions?: Readonly<
    Record<string, { readonly beginRange?: string; readonly pricePerUnit?: { readonly USD?: string } }>
  >;
}

export function sdkPrices(config: Config, ask: Ask): Prices {
  const load = once(async () => {
    const sdk = await import('./clients/pricing.ts');
    return { sdk, client: new sdk.PricingClient({ ...config, region, retryStrategy: await retryStrategy() }) };
  });
  return {
    list: (service, of) =>
      ask('pricing:GetProducts', async () => {
        const { sdk, client } = await load();
        const filter = (Field: string, Value: string) => ({ Type: 'TERM_MATCH' as const, Field, Value });
        const Filters = [
          filter('regionCode', of.region),
          ...(of.family === undefined ? [] : [filter('productFamily', of.family)]),
        ];
        const listed: ListedPrice[] = [];
        for await (const { PriceList = [] } of sdk.paginateGetProducts({ client }, { ServiceCode: service, Filters })) {
          for (const text of PriceList) listed.push(...priceOf(JSON.parse(String(text)) as Product));
        }
        return listed;
      }),
  };
}

function priceOf({ product, terms, publicationDate }: Product): readonly ListedPrice[] {
  const usageType = product?.attributes?.['usagetype'];
  const [offer] = Object.values(terms?.OnDemand ?? {});
  const tiers = Object.values(offer?.priceDimensions ?? {})
    .map(({ beginRange = '0', pricePerUnit }) => [Number(beginRange), Number(pricePerUnit?.USD)] as const)
    .sort(([a], [b]) => a - b);
  const isRead = usageType !== undefined && tiers.length > 0 && tiers.flat().every(Number.isFinite);
  return isRead ? [{ usageType, tiers, date: publicationDate }] : [];
}
