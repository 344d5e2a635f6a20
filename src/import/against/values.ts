// Values of two templates in one form: references by what they refer to, joins and subs as text.
import { isMap } from '../../base/plain.ts';

export interface TemplateData {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown; readonly Type?: unknown }>>;
  readonly Resources: Readonly<Record<string, ResourceData>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: unknown }>>;
}
export interface ResourceData {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
}

export interface Place {
  readonly region: string;
}

/** Resources by logical id → what they are, whatever their id. */
export class Names {
  readonly #names: Map<string, string>;
  readonly #template: TemplateData;
  readonly #region: string;

  /** `known`: what some resources are, by logical id. */
  constructor(template: TemplateData, { region }: Place, known: ReadonlyMap<string, string> = new Map()) {
    this.#template = template;
    this.#region = region;
    this.#names = new Map(known);
    // functions first: others are called by what is in them
    for (const [id, resource] of Object.entries(template.Resources)) {
      if (resource.Type === 'AWS::Lambda::Function' && !this.#names.has(id))
        this.#names.set(id, `function ${this.#functionName(id, resource)}`);
    }
    for (const [id, resource] of Object.entries(template.Resources)) {
      const { Type, Properties = {} } = resource;
      if (Type === 'AWS::Lambda::Alias' || Type === 'AWS::Lambda::Version' || Type === 'AWS::Lambda::Url') {
        const target = Properties['FunctionName'] ?? Properties['TargetFunctionArn'];
        const owner = referredTo(target).find((name) => this.#names.has(name));
        if (owner !== undefined) this.#names.set(id, this.#names.get(owner) ?? id);
      }
    }
  }

  #functionName(id: string, { Properties = {} }: ResourceData): string {
    const name = Properties['FunctionName'];
    return typeof name === 'string' ? name : id.replace(/(Lambda)?Function$/, '') || id;
  }

  /** The function that a value refers to: its ARN, its alias, or the URI that API Gateway calls. */
  functionIn(value: unknown): string | undefined {
    for (const id of referredTo(value)) {
      const name = this.#names.get(id);
      if (name?.startsWith('function ')) return name.slice('function '.length);
    }
    return undefined;
  }

  /** What a resource is: its function, or its type and the name that the user gave it. */
  of(id: string): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const resource = this.#template.Resources[id];
    if (resource === undefined) return id;
    const { Type, Properties = {} } = resource;
    const own = ['BucketName', 'TableName', 'QueueName', 'TopicName', 'Name', 'StreamName', 'UserPoolName']
      .map((key) => Properties[key])
      .find((value) => typeof value === 'string');
    return typeof own === 'string' ? `${short(Type)} ${own}` : short(Type);
  }

  /** A value without intrinsics: texts with the names of what they refer to. */
  normal(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.normal(item));
    if (!isMap(value as never)) return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    const map = value as Record<string, unknown>;
    const [entry, ...more] = Object.entries(map);
    if (entry !== undefined && more.length === 0) {
      const text = this.#intrinsic(entry[0], entry[1]);
      if (text !== undefined) return text;
    }
    return Object.fromEntries(
      Object.entries(map)
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([key, item]) => [key, this.normal(item)]),
    );
  }

  #intrinsic(name: string, argument: unknown): string | undefined {
    if (name === 'Ref' && typeof argument === 'string') return this.#reference(argument, undefined);
    if (name === 'Fn::GetAtt') {
      const [id = '', ...path] = Array.isArray(argument) ? (argument as string[]) : String(argument).split('.');
      return this.#reference(id, path.join('.'));
    }
    if (name === 'Fn::Sub') {
      const [text, variables] = Array.isArray(argument)
        ? (argument as [string, Record<string, unknown>])
        : [String(argument), {}];
      const filled = text.replace(/\$\{([^}!]+)\}/g, (_, inner: string) => {
        if (Object.hasOwn(variables ?? {}, inner)) return String(this.normal(variables?.[inner]));
        const [id = '', ...path] = inner.split('.');
        return this.#reference(id, path.length === 0 ? undefined : path.join('.'));
      });
      return settled(filled);
    }
    if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) {
      return settled((argument[1] as unknown[]).map((item) => String(this.normal(item))).join(String(argument[0])));
    }
    return undefined;
  }

  #reference(id: string, attribute: string | undefined): string {
    if (id === 'AWS::Region') return this.#region;
    if (id === 'AWS::Partition') return 'aws';
    if (id === 'AWS::URLSuffix') return 'amazonaws.com';
    if (id.startsWith('AWS::')) return `<${id}>`;
    const parameter = this.#template.Parameters?.[id];
    if (parameter !== undefined && !(id in this.#template.Resources)) return String(parameter.Default ?? `<${id}>`);
    const own = this.of(id);
    // an alias stands for its function
    return own.startsWith('function ') ? `<${own}>` : `<${own}${attribute === undefined ? '' : `.${attribute}`}>`;
  }
}

/** An ARN of a table, queue or topic by its name is the ARN of that resource. */
function settled(text: string): string {
  return text.replace(/<AWS::StackName>/g, '<stack>');
}

export const short = (type: string): string => type.replace(/^AWS::/, '');

/** Every logical id in a value. */
export function referredTo(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referredTo);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === 'Ref' && typeof item === 'string') return [item];
    if (key === 'Fn::GetAtt') return [Array.isArray(item) ? String(item[0]) : (String(item).split('.')[0] ?? '')];
    if (key === 'Fn::Sub') {
      const text = Array.isArray(item) ? String(item[0]) : String(item);
      const own = [...text.matchAll(/\$\{([A-Za-z0-9]+)(\.[^}]*)?\}/g)].map((match) => match[1] ?? '');
      return [...own, ...(Array.isArray(item) ? referredTo(item[1]) : [])];
    }
    return referredTo(item);
  });
}
