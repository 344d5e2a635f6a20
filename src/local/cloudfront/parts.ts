// What distributions refer to: functions at the edge, access controls of origins, and policies for headers of responses.
import { AwsError, type Operations } from '../cloud.ts';
import { type CloudFrontContext, type EdgeFunction, existing, functionArn, newEtag, newId } from './state.ts';

export function partOperations(context: CloudFrontContext): Operations<'cloudfront'> {
  const { cloud, functions, accessControls, headersPolicies } = context;

  const summary = ({ id, config, live, code, createdAt, changedAt }: EdgeFunction, Stage: 'DEVELOPMENT' | 'LIVE') => ({
    Name: id,
    Status: live === code ? 'DEPLOYED' : 'UNPUBLISHED',
    FunctionConfig: config,
    FunctionMetadata: {
      FunctionARN: functionArn(cloud, id),
      Stage,
      CreatedTime: new Date(createdAt),
      LastModifiedTime: new Date(changedAt),
    },
  });
  const isUsed = (value: string) =>
    context.distributions.find(({ config }) => JSON.stringify(config).includes(JSON.stringify(value))) !== undefined;

  return {
    CreateFunction: {
      members: ['Name', 'FunctionConfig', 'FunctionCode'],
      run({ Name = '', FunctionConfig: config, FunctionCode }) {
        if (functions.has(Name)) throw new AwsError('FunctionAlreadyExists', 'The function already exists.', 409);
        if (config === undefined) throw new AwsError('InvalidArgument', 'A function needs a configuration.');
        const code = Buffer.from(FunctionCode ?? []).toString();
        const now = cloud.now();
        const made: EdgeFunction = { id: Name, etag: newEtag(), code, config, createdAt: now, changedAt: now };
        functions.set(Name, made);
        return { FunctionSummary: summary(made, 'DEVELOPMENT'), ETag: made.etag };
      },
    },
    DescribeFunction: {
      members: ['Name', 'Stage'],
      run({ Name, Stage = 'DEVELOPMENT' }) {
        const found = existing(functions, 'NoSuchFunctionExists', Name);
        if (Stage === 'LIVE' && found.live === undefined) existing(functions, 'NoSuchFunctionExists', undefined);
        return { FunctionSummary: summary(found, Stage), ETag: found.etag };
      },
    },
    UpdateFunction: {
      members: ['Name', 'IfMatch', 'FunctionConfig', 'FunctionCode'],
      run({ Name, IfMatch, FunctionConfig: config, FunctionCode }) {
        const found = existing(functions, 'NoSuchFunctionExists', Name, IfMatch);
        const code = Buffer.from(FunctionCode ?? []).toString();
        const changed = { ...found, etag: newEtag(), code, config: config ?? found.config, changedAt: cloud.now() };
        functions.set(changed.id, changed);
        return { FunctionSummary: summary(changed, 'DEVELOPMENT'), ETag: changed.etag };
      },
    },
    PublishFunction: {
      members: ['Name', 'IfMatch'],
      run({ Name, IfMatch }) {
        const found = existing(functions, 'NoSuchFunctionExists', Name, IfMatch);
        const published = { ...found, live: found.code };
        functions.set(published.id, published);
        return { FunctionSummary: summary(published, 'LIVE') };
      },
    },
    DeleteFunction: {
      members: ['Name', 'IfMatch'],
      run({ Name, IfMatch }) {
        const { id } = existing(functions, 'NoSuchFunctionExists', Name, IfMatch);
        if (isUsed(functionArn(cloud, id))) {
          throw new AwsError('FunctionInUse', 'The function is associated with a distribution.', 409);
        }
        functions.delete(id);
        return {};
      },
    },

    CreateOriginAccessControl: {
      members: ['OriginAccessControlConfig'],
      run({ OriginAccessControlConfig: config }) {
        if (config === undefined) throw new AwsError('InvalidArgument', 'An access control needs a configuration.');
        if (accessControls.find((other) => other.config.Name === config.Name) !== undefined) {
          const message = 'An origin access control with the same name already exists.';
          throw new AwsError('OriginAccessControlAlreadyExists', message, 409);
        }
        const made = { id: newId(), etag: newEtag(), config };
        accessControls.set(made.id, made);
        return { OriginAccessControl: { Id: made.id, OriginAccessControlConfig: config }, ETag: made.etag };
      },
    },
    GetOriginAccessControl: {
      members: ['Id'],
      run({ Id }) {
        const { id, config, etag } = existing(accessControls, 'NoSuchOriginAccessControl', Id);
        return { OriginAccessControl: { Id: id, OriginAccessControlConfig: config }, ETag: etag };
      },
    },
    UpdateOriginAccessControl: {
      members: ['Id', 'IfMatch', 'OriginAccessControlConfig'],
      run({ Id, IfMatch, OriginAccessControlConfig: config }) {
        const found = existing(accessControls, 'NoSuchOriginAccessControl', Id, IfMatch);
        const changed = { ...found, etag: newEtag(), config: config ?? found.config };
        accessControls.set(changed.id, changed);
        return {
          OriginAccessControl: { Id: changed.id, OriginAccessControlConfig: changed.config },
          ETag: changed.etag,
        };
      },
    },
    DeleteOriginAccessControl: {
      members: ['Id', 'IfMatch'],
      run({ Id, IfMatch }) {
        const { id } = existing(accessControls, 'NoSuchOriginAccessControl', Id, IfMatch);
        if (isUsed(id)) throw new AwsError('OriginAccessControlInUse', 'A distribution uses the access control.', 409);
        accessControls.delete(id);
        return {};
      },
    },

    CreateResponseHeadersPolicy: {
      members: ['ResponseHeadersPolicyConfig'],
      run({ ResponseHeadersPolicyConfig: config }) {
        if (config === undefined) throw new AwsError('InvalidArgument', 'A policy needs a configuration.');
        if (headersPolicies.find((other) => other.config.Name === config.Name) !== undefined) {
          throw new AwsError('ResponseHeadersPolicyAlreadyExists', 'A policy with the same name already exists.', 409);
        }
        const made = { id: newId(), etag: newEtag(), config, changedAt: cloud.now() };
        headersPolicies.set(made.id, made);
        const shown = { Id: made.id, LastModifiedTime: new Date(made.changedAt), ResponseHeadersPolicyConfig: config };
        return { ResponseHeadersPolicy: shown, ETag: made.etag };
      },
    },
    GetResponseHeadersPolicy: {
      members: ['Id'],
      run({ Id }) {
        const { id, config, etag, changedAt } = existing(headersPolicies, 'NoSuchResponseHeadersPolicy', Id);
        const shown = { Id: id, LastModifiedTime: new Date(changedAt), ResponseHeadersPolicyConfig: config };
        return { ResponseHeadersPolicy: shown, ETag: etag };
      },
    },
    UpdateResponseHeadersPolicy: {
      members: ['Id', 'IfMatch', 'ResponseHeadersPolicyConfig'],
      run({ Id, IfMatch, ResponseHeadersPolicyConfig: config }) {
        const found = existing(headersPolicies, 'NoSuchResponseHeadersPolicy', Id, IfMatch);
        const changed = { ...found, etag: newEtag(), config: config ?? found.config, changedAt: cloud.now() };
        headersPolicies.set(changed.id, changed);
        const LastModifiedTime = new Date(changed.changedAt);
        const shown = { Id: changed.id, LastModifiedTime, ResponseHeadersPolicyConfig: changed.config };
        return { ResponseHeadersPolicy: shown, ETag: changed.etag };
      },
    },
    DeleteResponseHeadersPolicy: {
      members: ['Id', 'IfMatch'],
      run({ Id, IfMatch }) {
        const { id } = existing(headersPolicies, 'NoSuchResponseHeadersPolicy', Id, IfMatch);
        if (isUsed(id)) throw new AwsError('ResponseHeadersPolicyInUse', 'A distribution uses the policy.', 409);
        headersPolicies.delete(id);
        return {};
      },
    },
  };
}
