import { join } from 'node:path';
import i18next from 'i18next';
import Backend from 'i18next-fs-backend';
export const handler = async () => {
  const i = i18next.createInstance();
  await i.use(Backend).init({
    lng: 'de',
    fallbackLng: 'de',
    backend: {
      loadPath: join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'locales/{{lng}}/{{ns}}.json'),
    },
  });
  return i.t('hello');
};
