import mjml2html from 'mjml';

export const handler = async () => {
  const { html } = await mjml2html(
    '<mjml><mj-body><mj-section><mj-column><mj-text>hi</mj-text></mj-column></mj-section></mj-body></mjml>',
  );
  return html.includes('hi') && html.includes('<table');
};
