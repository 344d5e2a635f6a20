import argon2 from 'argon2';

export const handler = async () => argon2.verify(await argon2.hash('x', { timeCost: 2, memoryCost: 1024 }), 'x');
