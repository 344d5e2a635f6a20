// The prompts of @clack, in a bundle of their own: only `fx init` at a terminal loads it.
export { cancel, confirm, intro, isCancel, outro, select, text } from '@clack/prompts';
