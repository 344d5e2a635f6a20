// The path at which the local AWS says who it is: without credentials, and outside every service.
export const identityPath = '/_local/identity';

/** And the path of functions' packages, followed by their sha256: an address that needs no signature, as AWS's presigned ones. */
export const packagePath = '/_local/packages/';
