import { jsPDF } from 'jspdf';

export const handler = async () => {
  const document = new jsPDF();
  document.text('bill', 10, 10);
  return document.output().slice(0, 5);
};
