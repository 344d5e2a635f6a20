import sanitize from 'sanitize-html';

export const handler = async () => sanitize('<b>x</b><script>y</script>');
