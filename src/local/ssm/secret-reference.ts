// Parameters that refer to a secret in Secrets Manager: /aws/reference/secretsmanager/<secret>[:<version or label>].
// https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
import type { Parameter } from '@aws-sdk/client-ssm';
import { AwsError, type Cloud } from '../cloud.ts';
import { invalid } from './put.ts';

const front = '/aws/reference/secretsmanager/';

export function isSecretReference(name: string): boolean {
  return name.startsWith(front);
}

export async function readSecret(cloud: Cloud, text: string, decrypts: boolean): Promise<Parameter> {
  if (!decrypts) throw invalid('WithDecryption flag must be True for retrieving a Secret Manager secret.');
  const [, SecretId = '', selector] = /^([^:]*)(?::(.*))?$/s.exec(text.slice(front.length)) ?? [];
  // version ids have at least 32 characters
  const which =
    selector === undefined ? {} : selector.length >= 32 ? { VersionId: selector } : { VersionStage: selector };
  try {
    const secret = await cloud.call('secretsmanager', 'GetSecretValue', { SecretId, ...which });
    const { ARN, Name, VersionId, SecretString, SecretBinary, VersionStages, CreatedDate } = secret;
    const seconds = (CreatedDate?.getTime() ?? 0) / 1000;
    const binary = SecretBinary === undefined ? undefined : Buffer.from(SecretBinary).toString('base64');
    return {
      Name: `${front}${SecretId}`,
      Type: 'SecureString',
      Value: SecretString ?? binary,
      Version: 0,
      ...(selector === undefined ? {} : { Selector: `:${selector}` }),
      SourceResult: JSON.stringify({
        ARN,
        Name,
        VersionId,
        ...(SecretString === undefined ? { SecretBinary: binary } : { SecretString }),
        VersionStages,
        CreatedDate: seconds,
      }),
      LastModifiedDate: CreatedDate,
      ARN,
      DataType: 'text',
    };
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error;
    const message = `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${text} not found.`;
    throw new AwsError('ParameterNotFound', message);
  }
}
