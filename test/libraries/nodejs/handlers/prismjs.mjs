import Prism from 'prismjs';
import loadLanguages from 'prismjs/components/index.js';

loadLanguages(['haml']);
export const handler = async () => Prism.highlight('%p x', Prism.languages.haml, 'haml').length > 5;
