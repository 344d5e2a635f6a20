// The path at which the local AWS identifies itself, without credentials and outside any service.
export const identityPath = '/_local/identity';

/** What a client posts to, followed by a word of `controls`. */
export const controlPath = '/_local/control/';

/** The path that a follower posts to (following.ts). */
export const followPath = '/_local/follow';

/** The path of functions' packages, followed by their sha256. Like AWS's presigned URLs, it needs no signature. */
export const packagePath = '/_local/packages/';
