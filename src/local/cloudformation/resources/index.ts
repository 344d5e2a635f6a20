// The table of resource types that this local AWS provisions. One row a service.
import { cloudFormationProviders } from './cloudformation.ts';
import type { Providers } from './provider.ts';

export const providers: Providers = {
  ...cloudFormationProviders,
};
