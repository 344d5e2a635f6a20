import mail from '@sendgrid/mail';

mail.setApiKey('SG.x');
mail.client.setDefaultRequest('baseUrl', 'http://127.0.0.1:1/');
export const handler = async () =>
  mail.send({ to: 'a@example.com', from: 'b@example.com', subject: 'x', text: 'x' }).then(
    () => 'sent',
    ({ code }) => code,
  );
