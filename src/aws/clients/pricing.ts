// The part of the Price List client that fx calls.
export { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
