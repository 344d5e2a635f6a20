// The resource policies of layer versions: which other accounts may use one. Recorded, since there are no other accounts here.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
import { randomUUID } from 'node:crypto';
import { AwsError, type Input, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { checkRevision } from './changes.ts';
import type { LambdaContext } from './context.ts';
import { layerName, layerVersionArn } from './layers.ts';
import { addStatement, noPolicy, policyText, removeStatement } from './policy-statements.ts';
import type { Layer, LayerStatement, LayerVersion } from './state.ts';

interface VersionReference {
  readonly LayerName: string | undefined;
  readonly VersionNumber: number | undefined;
}

const revisionSource = 'GetLayerPolicy';

export function layerPermissionOperations({ cloud, layers }: LambdaContext): Operations<'lambda'> {
  const existing = ({ LayerName, VersionNumber }: VersionReference) => {
    const name = layerName(cloud, LayerName);
    const arn = layerVersionArn(cloud, name, VersionNumber);
    const layer = layers.get(name);
    const version = layer?.versions.find(({ number }) => number === VersionNumber);
    if (layer === undefined || version === undefined) {
      throw new AwsError('ResourceNotFoundException', `Layer version ${arn} does not exist.`, 404, { Type: 'User' });
    }
    return { arn, layer, version };
  };
  const keep = (layer: Layer, { policy: _, ...version }: LayerVersion, statements: readonly LayerStatement[]) => {
    const revisionId = randomUUID();
    const changed = { ...version, ...(statements.length === 0 ? {} : { policy: { revisionId, statements } }) };
    const versions = layer.versions.map((other) => (other.number === version.number ? changed : other));
    layers.set(layer.name, { ...layer, versions });
    return revisionId;
  };
  return {
    AddLayerVersionPermission: {
      members: ['LayerName', 'VersionNumber', 'StatementId', 'Action', 'Principal', 'OrganizationId', 'RevisionId'],
      run(input) {
        checkInput(input);
        const { arn, layer, version } = existing(input);
        checkRevision(input.RevisionId, version.policy?.revisionId, revisionSource);
        const statement = readStatement(arn, input);
        const revisionId = keep(layer, version, addStatement(version.policy?.statements ?? [], statement));
        return { Statement: JSON.stringify(statement), RevisionId: revisionId };
      },
    },
    RemoveLayerVersionPermission: {
      members: ['LayerName', 'VersionNumber', 'StatementId', 'RevisionId'],
      run(input) {
        const { layer, version } = existing(input);
        if (version.policy === undefined) throw noPolicy();
        const statements = removeStatement(version.policy.statements, input.StatementId);
        checkRevision(input.RevisionId, version.policy.revisionId, revisionSource);
        keep(layer, version, statements);
        return {};
      },
    },
    GetLayerVersionPolicy: {
      members: ['LayerName', 'VersionNumber'],
      run(input) {
        const { policy } = existing(input).version;
        if (policy === undefined) throw noPolicy();
        return { Policy: policyText(policy.statements), RevisionId: policy.revisionId };
      },
    },
  };
}

// As in Lambda's service model.
function checkInput(input: Input<'lambda', 'AddLayerVersionPermission'>): void {
  checkConstraints('ValidationException', [
    ['statementId', input.StatementId, { pattern: '([a-zA-Z0-9-_]+)', min: 1, max: 100 }],
    ['action', input.Action, { pattern: 'lambda:GetLayerVersion', max: 22 }],
    ['principal', input.Principal, { pattern: '\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root' }],
    ['organizationId', input.OrganizationId, { pattern: 'o-[a-z0-9]{10,32}', max: 34 }],
  ]);
}

function readStatement(arn: string, input: Input<'lambda', 'AddLayerVersionPermission'>): LayerStatement {
  const { Principal = '*', OrganizationId } = input;
  const account = /^\d{12}$/.test(Principal) ? `arn:aws:iam::${Principal}:root` : Principal;
  return {
    Sid: input.StatementId ?? '',
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: account },
    Action: input.Action ?? '',
    Resource: arn,
    ...(OrganizationId === undefined ? {} : { Condition: { StringEquals: { 'aws:PrincipalOrgID': OrganizationId } } }),
  };
}
