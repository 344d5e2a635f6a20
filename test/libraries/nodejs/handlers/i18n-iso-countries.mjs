import c from 'i18n-iso-countries';
export const handler = async () => c.getName('DE', 'fr') ?? 'none';
