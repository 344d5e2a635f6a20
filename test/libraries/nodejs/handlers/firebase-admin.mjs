import { initializeApp } from 'firebase-admin/app';
import { getFirestore } from 'firebase-admin/firestore';

const app = initializeApp({ projectId: 'x' });
export const handler = async () =>
  getFirestore(app).collection('orders').path === 'orders' ? app.options.projectId : '';
