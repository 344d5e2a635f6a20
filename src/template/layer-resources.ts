// A layer in the template: one version per content, which outlives its place there.
import { sha256 } from '../base/hash.ts';
import { artifactBucketParameter, artifactObjectKey, layerName } from '../cfn/names.ts';
import type { Code } from '../cfn/recipe.ts';
import { canonicalJson, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { LayerSettings } from '../project/layer-schema.ts';
import type { Project } from '../project/project.ts';

const hashLength = 12;

/** Layer versions never change: new content or a new description is a new resource. Retained like the function versions that use them. */
export function layerResource(
  project: Project,
  layer: LayerSettings,
  { key }: Code,
): readonly [id: string, resource: Resource] {
  const properties: Record<string, Value> = {
    LayerName: layerName(project.environment.names, layer.name),
    ...(layer.description === undefined ? {} : { Description: layer.description }),
    ...(layer.compatibleRuntimes === undefined ? {} : { CompatibleRuntimes: [...layer.compatibleRuntimes] }),
    ...(layer.compatibleArchitectures === undefined
      ? {}
      : { CompatibleArchitectures: [...layer.compatibleArchitectures] }),
    ...(layer.license === undefined ? {} : { LicenseInfo: layer.license }),
    Content: { S3Bucket: ref(artifactBucketParameter), S3Key: artifactObjectKey(project.name, key) },
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
