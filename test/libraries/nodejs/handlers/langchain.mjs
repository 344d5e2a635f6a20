import { PromptTemplate } from '@langchain/core/prompts';

export const handler = async () => PromptTemplate.fromTemplate('hi {name}').format({ name: 'x' });
