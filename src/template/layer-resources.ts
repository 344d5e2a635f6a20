// What a layer is in the template: a version of its own for each content, which outlives its place there.
import { type Artifact, objectKey } from '../artifact/artifact.ts';
import { sha256 } from '../base/hash.ts';
import { artifactBucketParameter, layerName } from '../cfn/names.ts';
import { canonicalJson, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';

const hashLength = 12;

/** Layer versions never change: another content or description is another resource. Kept as function versions are, which use them. */
export function layerResource(project: Project, artifact: Artifact): [id: string, resource: Resource] {
  const layer = project.layers.find(({ name }) => name === artifact.functionName);
  if (layer === undefined) throw new Error(`no layer ${artifact.functionName}`);
  const properties: Record<string, Value> = {
    LayerName: layerName(project.names, layer.name),
    ...(layer.description === undefined ? {} : { Description: layer.description }),
    ...(layer.compatibleRuntimes === undefined ? {} : { CompatibleRuntimes: [...layer.compatibleRuntimes] }),
    ...(layer.compatibleArchitectures === undefined
      ? {}
      : { CompatibleArchitectures: [...layer.compatibleArchitectures] }),
    ...(layer.license === undefined ? {} : { LicenseInfo: layer.license }),
    Content: { S3Bucket: ref(artifactBucketParameter), S3Key: objectKey(project.name, artifact.key) },
  };
  const id = `${layer.name}Layer${sha256(canonicalJson(properties)).slice(0, hashLength)}`;
  return [
    id,
    {
      Type: 'AWS::Lambda::LayerVersion',
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: properties,
    },
  ];
}
