import { Document, Packer, Paragraph } from 'docx';
export const handler = async () =>
  (await Packer.toBuffer(new Document({ sections: [{ children: [new Paragraph('x')] }] }))).subarray(0, 2).toString();
