// AWS::Lambda::Url.
import type { Cloud } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers } from './provider.ts';
import { defined, pick, text } from './values.ts';

const settings = ['AuthType', 'Cors', 'InvokeMode'];

/** The function or alias that the URL calls. */
function target(properties: Properties) {
  return defined({ FunctionName: text(properties, 'TargetFunctionArn'), Qualifier: text(properties, 'Qualifier') });
}

async function described(cloud: Cloud, properties: Properties) {
  const { FunctionArn = '', FunctionUrl } = await cloud.call('lambda', 'GetFunctionUrlConfig', target(properties));
  return { physicalId: FunctionArn, attributes: { FunctionArn, FunctionUrl } };
}

export const urlProviders: Providers = {
  'AWS::Lambda::Url': {
    service: 'Lambda',
    properties: [...settings, 'Qualifier', 'TargetFunctionArn'],
    async create({ cloud, properties }) {
      await cloud.call('lambda', 'CreateFunctionUrlConfig', {
        AuthType: properties['AuthType'] as 'NONE',
        ...target(properties),
        ...pick(properties, settings),
      });
      return described(cloud, properties);
    },
    async update({ cloud, after }) {
      await cloud.call('lambda', 'UpdateFunctionUrlConfig', {
        ...target(after),
        // Settings that the template lacks get their defaults.
        ...{ Cors: {}, InvokeMode: 'BUFFERED' as const },
        ...pick(after, settings),
      });
      return described(cloud, after);
    },
    async delete({ cloud, properties }) {
      await cloud.call('lambda', 'DeleteFunctionUrlConfig', target(properties));
    },
  },
};
