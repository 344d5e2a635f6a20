import mongoose from 'mongoose';

const User = mongoose.model('User', new mongoose.Schema({ name: { type: String, required: true } }));
export const handler = async () => new User({}).validateSync().errors.name.message;
