import nodemailer from 'nodemailer';

const transport = nodemailer.createTransport({ streamTransport: true, buffer: true });
export const handler = async () => {
  const { message } = await transport.sendMail({
    from: 'a@example.com',
    to: 'b@example.com',
    subject: 'hi',
    text: 'x',
  });
  return /Subject: .*/.exec(message.toString())[0].trim();
};
