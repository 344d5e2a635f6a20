// VitePress's own theme; long words in code break, so that no page is wider than a phone.
// biome-ignore lint/style/noDefaultExport: VitePress takes its theme so
export { default } from 'vitepress/theme';

import './words.css';
