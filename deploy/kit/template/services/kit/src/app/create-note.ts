import { type CommandDeps, command } from '@bankcrm/backend';
import { type Clock, newId } from '@bankcrm/kernel';
import { eventType } from '@bankcrm/proto/descriptors';
import { CreateNoteRequest, Note, NoteCreated } from '@bankcrm/proto/gen/bankcrm/kit/v1/notes.ts';
import { type Call, callingStaff } from '@bankcrm/service';
import { parseText } from '../domain/text.ts';

const noteEvent = eventType<NoteCreated>('bankcrm.kit.v1.NoteCreated');

/** Keeps a note for the caller; once per request id. Throws INVALID for a text that is empty or too long. */
export const createNote =
  (deps: CommandDeps & { clock: Clock }) =>
  async (request: CreateNoteRequest, call: Call): Promise<Note> => {
    const { staffId } = callingStaff(call);
    const text = parseText(request.note?.text ?? '');
    const noteId = newId();
    const now = deps.clock.now();
    const name = `notes/${noteId}`;
    const { reply } = await command(deps, call, {
      request,
      requestType: CreateNoteRequest,
      replyType: Note,
      async work(tx) {
        await tx.query('INSERT INTO kit.note (note_id, staff_id, text, create_time) VALUES ($1, $2, $3, $4)', [
          noteId,
          staffId,
          text,
          now,
        ]);
        const event = { noteId };
        return {
          reply: { name, text },
          audit: { time: now, resource: name },
          events: [
            {
              id: newId(),
              aggregateType: 'note',
              aggregateId: noteId,
              ...noteEvent(event),
              payload: NoteCreated.encode(event).finish(),
              subject: name,
              time: now,
            },
          ],
        };
      },
    });
    return reply;
  };
