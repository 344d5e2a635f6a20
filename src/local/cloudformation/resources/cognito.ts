// AWS::Cognito: user pools and what belongs to them. The local AWS has no Cognito, so they exist in their stack only: nobody signs up, and
// triggers are called by hand.
import { createHash } from 'node:crypto';
import type { Cloud } from '../../cloud.ts';
import { lettersAndDigits, lowerCaseAndDigits, randomLetters } from '../../random.ts';
import type { Properties } from '../stack.ts';
import type { Provider, Providers } from './provider.ts';
import { text } from './values.ts';

interface Recorded {
  readonly properties: readonly string[];
  id(cloud: Cloud, properties: Properties): string;
  /** The same for the same id, so that an update keeps them. */
  attributes?(cloud: Cloud, id: string, properties: Properties): Properties;
}

function recorded({ properties: known, id, attributes = () => ({}) }: Recorded): Provider {
  const provisioned = (cloud: Cloud, physicalId: string, properties: Properties) => ({
    physicalId,
    attributes: attributes(cloud, physicalId, properties),
  });
  return {
    service: 'CognitoIdentityProvider',
    properties: known,
    create: async ({ cloud, properties }) => provisioned(cloud, id(cloud, properties), properties),
    update: async ({ cloud, physicalId, after }) => provisioned(cloud, physicalId, after),
    delete: async () => undefined,
  };
}

const named = (property: string) => (_: Cloud, properties: Properties) => text(properties, property) ?? '';

export const cognitoProviders: Providers = {
  'AWS::Cognito::UserPool': recorded({
    properties: [
      'AccountRecoverySetting',
      'AdminCreateUserConfig',
      'AliasAttributes',
      'AutoVerifiedAttributes',
      'DeletionProtection',
      'DeviceConfiguration',
      'EmailAuthenticationMessage',
      'EmailAuthenticationSubject',
      'EmailConfiguration',
      'EmailVerificationMessage',
      'EmailVerificationSubject',
      'EnabledMfas',
      'LambdaConfig',
      'MfaConfiguration',
      'Policies',
      'Schema',
      'SmsAuthenticationMessage',
      'SmsConfiguration',
      'SmsVerificationMessage',
      'UserAttributeUpdateSettings',
      'UserPoolAddOns',
      'UserPoolName',
      'UserPoolTags',
      'UserPoolTier',
      'UsernameAttributes',
      'UsernameConfiguration',
      'VerificationMessageTemplate',
      'WebAuthnFactorConfiguration',
      'WebAuthnRelyingPartyID',
      'WebAuthnUserVerification',
    ],
    id: ({ region }) => `${region}_${randomLetters(9, lettersAndDigits)}`,
    attributes({ region, accountId }, id) {
      const ProviderName = `cognito-idp.${region}.amazonaws.com/${id}`;
      const Arn = `arn:aws:cognito-idp:${region}:${accountId}:userpool/${id}`;
      return { Arn, ProviderName, ProviderURL: `https://${ProviderName}`, UserPoolId: id };
    },
  }),
  'AWS::Cognito::UserPoolClient': recorded({
    properties: [
      'AccessTokenValidity',
      'AllowedOAuthFlows',
      'AllowedOAuthFlowsUserPoolClient',
      'AllowedOAuthScopes',
      'AuthSessionValidity',
      'CallbackURLs',
      'ClientName',
      'DefaultRedirectURI',
      'EnablePropagateAdditionalUserContextData',
      'EnableTokenRevocation',
      'ExplicitAuthFlows',
      'GenerateSecret',
      'IdTokenValidity',
      'LogoutURLs',
      'PreventUserExistenceErrors',
      'ReadAttributes',
      'RefreshTokenRotation',
      'RefreshTokenValidity',
      'SupportedIdentityProviders',
      'TokenValidityUnits',
      'UserPoolId',
      'WriteAttributes',
    ],
    id: () => randomLetters(26, lowerCaseAndDigits),
    attributes: (_, ClientId, properties) => ({
      ClientId,
      ...(properties['ClientName'] === undefined ? {} : { Name: properties['ClientName'] }),
      ...(properties['GenerateSecret'] === true ? { ClientSecret: secretOf(ClientId) } : {}),
    }),
  }),
  'AWS::Cognito::UserPoolDomain': recorded({
    properties: ['Domain', 'ManagedLoginVersion', 'UserPoolId'],
    id: named('Domain'),
  }),
  'AWS::Cognito::UserPoolGroup': recorded({
    properties: ['Description', 'GroupName', 'Precedence', 'RoleArn', 'UserPoolId'],
    id: (_, properties) => text(properties, 'GroupName') ?? randomLetters(12, lettersAndDigits),
  }),
  'AWS::Cognito::UserPoolResourceServer': recorded({
    properties: ['Identifier', 'Name', 'Scopes', 'UserPoolId'],
    id: named('Identifier'),
  }),
};

function secretOf(clientId: string): string {
  return createHash('sha256').update(clientId).digest('hex').slice(0, 52);
}
