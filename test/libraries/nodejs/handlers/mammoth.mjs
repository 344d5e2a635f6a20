import { Document, Packer, Paragraph } from 'docx';
import mammoth from 'mammoth';
export const handler = async () => {
  const b = await Packer.toBuffer(new Document({ sections: [{ children: [new Paragraph('hi')] }] }));
  return (await mammoth.convertToHtml({ buffer: b })).value;
};
