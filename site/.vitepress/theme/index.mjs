// VitePress's own theme; long words in code break, so that no page is wider than a phone.
export { default } from 'vitepress/theme';

import './words.css';
