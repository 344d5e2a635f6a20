import i18next from 'i18next';

export const handler = async () => {
  await i18next.init({ lng: 'de', resources: { de: { translation: { hello: 'hallo' } } } });
  return i18next.t('hello');
};
