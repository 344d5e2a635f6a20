// Notes, in the database or in memory.
import { openDatabase } from './database.ts';

export interface Note {
  readonly id: string;
  readonly text: string;
}

export interface NotesStore {
  add(text: string): Promise<Note>;
  /** The newest first. */
  list(): Promise<readonly Note[]>;
}

export function openNotes(): NotesStore {
  const database = openDatabase();
  if (database === undefined) return inMemory();
  return {
    async add(text) {
      const { rows } = await database.query<Note>('insert into notes (text) values ($1) returning id, text', [text]);
      const [note] = rows;
      if (note === undefined) throw new Error('the database returned no note');
      return note;
    },
    async list() {
      const { rows } = await database.query<Note>('select id, text from notes order by id desc limit 100');
      return rows;
    },
  };
}

function inMemory(): NotesStore {
  const notes: Note[] = [];
  return {
    async add(text) {
      const note = { id: String(notes.length + 1), text };
      notes.unshift(note);
      return note;
    },
    list: async () => notes,
  };
}
