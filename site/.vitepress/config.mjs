// The site of docs/: the same Markdown, with search. `npm run site` builds it into site/dist; a dead link fails.
import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const repository = `https://github.com/${process.env['GITHUB_REPOSITORY'] ?? 'fx-serverless/fx'}/tree/main`;
const docs = new URL('../pages/', import.meta.url);
const index = readFileSync(new URL('index.md', docs), 'utf8');
const linkPattern = /\[([^\]]+)\]\(([^)]+)\)/g;
const itemsIn = (text) =>
  [...text.matchAll(linkPattern)].map(([, name, path]) => ({
    text: name.replaceAll('`', ''),
    link: `/${path.replace(/\.md$/, '')}`,
  }));
/** The table of guides in index.md is the menu. */
const guides = [...index.matchAll(/^\| (\w+) \| (\[.*) \|$/gm)].map(([, text, cells]) => ({
  text,
  collapsed: false,
  items: itemsIn(cells),
}));
const section = (heading) => itemsIn(new RegExp(`^## ${heading}\\n\\n(.*)$`, 'm').exec(index)?.[1] ?? '');
const menu = [...guides.flatMap(({ items }) => items), ...section('Reference'), ...section('Inside')];
const listed = new Set(['/guide/from-nothing', ...menu.map(({ link }) => link)]);
for (const file of readdirSync(new URL('guide/', docs))) {
  if (!listed.has(`/guide/${file.replace(/\.md$/, '')}`)) throw new Error(`docs/index.md does not list guide/${file}`);
}

// biome-ignore lint/style/noDefaultExport: VitePress takes its configuration so
export default defineConfig({
  title: 'fx',
  description: 'Lambda functions from one project.yml, on AWS and on this machine',
  srcDir: './pages',
  outDir: './dist',
  cleanUrls: true,
  // without it, a browser asks for /favicon.ico
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/guide/from-nothing' },
      { text: 'project.yml', link: '/reference/project' },
      { text: 'Commands', link: '/reference/commands' },
      { text: 'Errors', link: '/reference/errors' },
    ],
    sidebar: [
      { text: 'From nothing to production', link: '/guide/from-nothing' },
      ...guides,
      { text: 'Reference', items: section('Reference') },
      { text: 'Inside', items: section('Inside') },
    ],
  },
  markdown: {
    config(md) {
      // Vue reads {{ … }} wherever it stands; these pages mean it as it is
      const escaped = (text) => md.utils.escapeHtml(text).replaceAll('{{', '&#123;&#123;');
      md.renderer.rules.text = (tokens, at) => escaped(tokens[at].content);
      md.renderer.rules.code_inline = (tokens, at) => `<code v-pre>${md.utils.escapeHtml(tokens[at].content)}</code>`;
      // examples are in the repository, not on the site
      md.core.ruler.push('repository-links', ({ tokens }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          const [, path] =
            /^(?:\.\.\/)+((?:examples|bench)(?:\/.*)?|project\.yml\.example)$/.exec(token.attrGet?.('href') ?? '') ??
            [];
          if (token.type === 'link_open' && path !== undefined) token.attrSet('href', `${repository}/${path}`);
        }
      });
      // an indented block looks like a fenced one
      md.renderer.rules.code_block = (tokens, at, ...rest) => {
        tokens[at].info = 'sh';
        return md.renderer.rules.fence(tokens, at, ...rest);
      };
    },
  },
});
