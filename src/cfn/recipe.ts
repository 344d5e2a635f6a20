// The compiler's input besides the project: the code of each function and layer, by content hash. A build makes it, a
// release records it, and a promotion reuses it.

/** An object in S3 that Lambda uses unchanged. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  readonly version: string | undefined;
}

/** The code of a function or a layer. */
export interface Code {
  /** The hash of its content, which names the object in the artifact bucket. */
  readonly key: string;
  /** The handler for Lambda; '' for a layer or an image. */
  readonly handler: string;
  /** Environment variables that the code needs. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where the code is, if not in the artifact bucket. */
  readonly object?: S3Object;
  /** The URI of a container image of another tool. */
  readonly image?: string;
  /** The tag of a container image in the account's repository. The key is the hash of what it is built from. */
  readonly imageTag?: string;
}

/** The code of every function and layer of a project, by name. */
export interface Recipe {
  readonly functions: ReadonlyMap<string, Code>;
  readonly layers: ReadonlyMap<string, Code>;
  /** The hash of the files of the site, if the project has one. */
  readonly site?: string;
}
